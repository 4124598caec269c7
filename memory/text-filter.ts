/** Whether a text holds these words in this order, whatever their case and the white space between them. */
export function textFilter(words: string): (text: string) => boolean {
  const wanted = flatten(words)
  if (wanted.trim() === '') throw new RangeError('A text to look for must not be blank')
  return (text) => flatten(text).includes(wanted)
}

/** Whether a JSON value holds them in any of its strings but binary data, which can hold any letters by chance. */
export function valueFilter(words: string): (value: unknown) => boolean {
  const holds = textFilter(words)
  return (value) => holds(stringsIn(value).join(' '))
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'data' ? [] : stringsIn(inner)))
}

function flatten(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}
