/** A place in a text of JSON with comments. */
type Node =
  | { readonly kind: 'object'; readonly start: number; readonly end: number; readonly members: readonly Member[] }
  | { readonly kind: 'other'; readonly start: number; readonly end: number; readonly value: unknown; readonly items?: readonly Node[] }

interface Member {
  readonly key: string
  readonly start: number
  readonly value: Node
  /** Where a comma follows the value. */
  readonly comma: number | undefined
}

/** A file that is not JSON with comments, or not of the form that is needed: it is left alone. */
export class JsoncError extends Error {
  override readonly name = 'JsoncError'
}

const deepest = 200

/** The data of a text of JSON with comments and trailing commas. An empty text is an empty object. */
export function parseJsonc(text: string): unknown {
  const root = parse(text)
  return root === undefined ? {} : toData(root)
}

/**
 * Sets `parent.key` of the object in a text of JSON with comments, and leaves each other character as it is.
 *
 * @throws {JsoncError} If the text is something else, or `parent` is there and no object.
 */
export function setMember(text: string, parent: string, key: string, value: unknown): string {
  const root = parse(text)
  const unit = indentOf(text)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const written = (data: unknown, indent: string) => JSON.stringify(data, null, unit).replaceAll('\n', `${newline}${indent}`)
  if (root === undefined) return `${text}${written({ [parent]: { [key]: value } }, '')}${newline}`
  if (root.kind !== 'object') throw new JsoncError('it must hold an object')

  const inside = lastMember(root, parent)
  if (inside === undefined) return insert(text, root, '', parent, { [key]: value })
  if (inside.value.kind !== 'object') throw new JsoncError(`"${parent}" must be an object`)
  const indent = lineIndent(text, inside.start)
  const member = lastMember(inside.value, key)
  if (member === undefined) return insert(text, inside.value, indent, key, value)
  return text.slice(0, member.value.start) + written(value, lineIndent(text, member.start)) + text.slice(member.value.end)

  /** Puts a member after the last one; comments that stand on that one's line stay with it. */
  function insert(into: string, object: Node & { kind: 'object' }, outer: string, name: string, data: unknown): string {
    const last = object.members.at(-1)
    const own = last === undefined || lineIndent(into, last.start) === outer ? outer + unit : lineIndent(into, last.start)
    const line = `${newline}${own}${JSON.stringify(name)}: ${written(data, own)}`
    if (last === undefined) {
      const rest = into.slice(object.start + 1, object.end - 1)
      return into.slice(0, object.start + 1) + line + (rest.trim() === '' ? `${newline}${outer}` : rest) + into.slice(object.end - 1)
    }
    const end = (last.comma ?? last.value.end - 1) + 1
    const comma = last.comma === undefined ? ',' : ''
    const note = /^[ \t]*(\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)(?=\r?\n)/.exec(into.slice(end))?.[0] ?? ''
    const after = into.slice(end + note.length)
    const closing = /^\s*\}/.test(after) && !/^\s*\n/.test(after) ? `${newline}${outer}` : ''
    return into.slice(0, end) + comma + note + line + (closing === '' ? after : closing + after.trimStart())
  }
}

function lastMember(object: Node & { kind: 'object' }, key: string): Member | undefined {
  return object.members.findLast((member) => member.key === key)
}

function lineIndent(text: string, position: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', position - 1) + 1))?.[0] ?? ''
}

/** The indentation of the first indented line; two blanks where nothing is indented. */
function indentOf(text: string): string {
  return /\n([ \t]+)["\S]/.exec(text)?.[1] ?? '  '
}

function toData(node: Node): unknown {
  if (node.kind === 'object') return Object.fromEntries(node.members.map(({ key, value }) => [key, toData(value)]))
  return node.items === undefined ? node.value : node.items.map(toData)
}

function parse(text: string): Node | undefined {
  let at = text.startsWith('\ufeff') ? 1 : 0

  const fail = (): never => {
    const line = text.slice(0, at).split('\n').length
    throw new JsoncError(`line ${line} is not JSON (comments and trailing commas are understood)`)
  }
  const skip = () => {
    const match = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
    match.lastIndex = at
    at += match.exec(text)?.[0].length ?? 0
  }
  const token = (): unknown => {
    const match = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y
    match.lastIndex = at
    const found = match.exec(text)?.[0] ?? fail()
    try {
      const value: unknown = JSON.parse(found)
      at += found.length
      return value
    } catch {
      return fail()
    }
  }
  /** What is between brackets: `read` takes one item and says where it was put. */
  const list = (close: string, read: () => { comma?: number | undefined }) => {
    at++
    skip()
    while (text[at] !== close) {
      const item = read()
      skip()
      if (text[at] === ',') {
        item.comma = at++
        skip()
      } else if (text[at] !== close) fail()
    }
    at++
  }
  const value = (depth: number): Node => {
    if (depth > deepest) fail()
    const start = at
    if (text[at] === '{') {
      const members: (Member & { comma: number | undefined })[] = []
      list('}', () => {
        const keyStart = at
        const key = token()
        if (typeof key !== 'string') return fail()
        skip()
        if (text[at] !== ':') fail()
        at++
        skip()
        const member = { key, start: keyStart, value: value(depth + 1), comma: undefined }
        members.push(member)
        return member
      })
      return { kind: 'object', start, end: at, members }
    }
    if (text[at] === '[') {
      const items: Node[] = []
      list(']', () => {
        items.push(value(depth + 1))
        return {}
      })
      return { kind: 'other', start, end: at, value: undefined, items }
    }
    return { kind: 'other', value: token(), start, end: at }
  }

  skip()
  if (at === text.length) return undefined
  const root = value(0)
  skip()
  if (at < text.length) fail()
  return root
}
