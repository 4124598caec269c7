/** A name before what somebody says, as transcripts have it: `Ann: …`. */
const speaker = /^\s*(\p{Lu}[\p{L}\p{M}'’.-]{0,30}(?: \p{Lu}[\p{L}\p{M}'’.-]{0,30}){0,2})\s?:\s+(?=\S)/u

/** Who says it, where a text begins with a name and a colon. */
export function speakerOf(text: string): string | undefined {
  return speaker.exec(text)?.[1]
}

/** What is said, without the name before it. */
export function withoutSpeaker(text: string): string {
  return text.replace(speaker, '')
}

const ends = /(?<=[.!?][\p{Pf}"')\]]*)\s+|(?<=[。！？])|\n+/u
/** More in a piece of 200 tokens is a list or a table. */
const maxSentences = 12

/**
 * The sentences of a text, for vectors of their own: what is asked for stands in one of them, and the vector of the whole is a mean of
 * all. None where there is only one.
 */
export function sentencesOf(text: string): string[] {
  const sentences = withoutSpeaker(text)
    .split(ends)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
  return sentences.length < 2 || sentences.length > maxSentences ? [] : sentences
}
