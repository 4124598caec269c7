/** Words in lower case, in any script; a script without spaces gives runs. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}

/** At most `longest` characters: the beginning and the end, where people say what they want. */
export function endsOf(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest / 2)}\n${text.slice(-longest / 2)}`
}

/** The word without the commonest English endings, so that `prove` is found in `proving`. */
export function stemOf(word: string): string {
  if (word.length <= 3) return word
  const bare = word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ings?|ed|es|s)$/, '')
  return (bare.length < 3 ? word : bare).replace(/e$/, '')
}
