/** Where the value of a field stands in a JSON text: from its first character to the one after its last. */
export interface FieldPlace {
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a

/**
 * Where the values of an object's own fields stand in its JSON text, and how deep it is nested.
 *
 * For texts that `JSON.parse` has read already: nothing is checked again. A name that stands twice is given with its last
 * place, which is the one that parsers take, and in `repeated`.
 */
export function fieldsOf(text: string): { fields: Map<string, FieldPlace>; repeated: Set<string>; depth: number } {
  const fields = new Map<string, FieldPlace>()
  const repeated = new Set<string>()
  let level = 0
  let depth = 0
  let name: string | undefined
  let named: string | undefined
  let start = -1

  const close = (end: number) => {
    if (named === undefined) return
    if (fields.has(named)) repeated.add(named)
    fields.set(named, { start, end: trimmedEnd(text, end) })
    named = undefined
  }
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = endOfString(text, at)
      if (level === 1 && named === undefined) name = JSON.parse(text.slice(at, end)) as string
      at = end - 1
    } else if (code === colon && level === 1 && named === undefined) {
      named = name
      start = at + 1
      while (isSpace(text.charCodeAt(start))) start += 1
    } else if (code === 0x7b || code === 0x5b) {
      level += 1
      if (level > depth) depth = level
    } else if (code === 0x7d || code === 0x5d) {
      if (level === 1) close(at)
      level -= 1
    } else if (code === comma && level === 1) close(at)
  }
  return { fields, repeated, depth }
}

/** The place after the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  let end = from
  while (true) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1
    if (slashes % 2 === 0) return end + 1
  }
}

function trimmedEnd(text: string, end: number): number {
  let at = end
  while (isSpace(text.charCodeAt(at - 1))) at -= 1
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** The text with other values in these fields, and with those that it has not got at its end. Everything else stays byte for byte. */
export function withFields(
  text: string,
  { fields }: Pick<ReturnType<typeof fieldsOf>, 'fields'>,
  values: Readonly<Record<string, unknown>>,
): string {
  const edits = Object.entries(values).flatMap(([name, value]) => {
    const place = fields.get(name)
    return place === undefined ? [] : [{ ...place, json: JSON.stringify(value) }]
  })
  let edited = ''
  let from = 0
  for (const { start, end, json } of edits.toSorted((left, right) => left.start - right.start)) {
    edited += text.slice(from, start) + json
    from = end
  }
  edited += text.slice(from)
  const added = Object.entries(values).filter(([name]) => !fields.has(name))
  if (added.length === 0) return edited
  const last = edited.lastIndexOf('}')
  const body = added.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')
  return `${edited.slice(0, last)}${fields.size > 0 ? ',' : ''}${body}${edited.slice(last)}`
}
