/** Whether a text holds these words in this order, whatever their case and the white space between them. */
export function textFilter(words: string): (text: string) => boolean {
  const wanted = flatten(words)
  if (wanted.trim() === '') throw new RangeError('A text to look for must not be blank')
  return (text) => flatten(text).includes(wanted)
}

function flatten(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}
