import { ComputerActionError } from '../../errors.ts'

/** `name(key='value', …)`. */
export interface TextCall {
  readonly name: string
  readonly args: Readonly<Record<string, string>>
}

export interface TextAnswer {
  readonly thought: string
  readonly calls: readonly TextCall[]
}

/**
 * UI-TARS' own notation, read sign by sign. Models forget to escape quotes inside of a text, so a quote ends its argument only where
 * the call can go on or end: before a comma with another `name=`, or before a `)` that ends the line.
 */
export function readCalls(text: string): TextAnswer {
  const mark = /(?:^|\n)\s*Action:/.exec(text)
  const before = mark === null ? '' : text.slice(0, mark.index)
  const thought = before.replace(/^\s*(?:Thought|Reflection|Action_Summary):/, '').trim()
  const calls: TextCall[] = []
  let rest = mark === null ? text : text.slice(mark.index + mark[0].length)
  for (;;) {
    rest = rest.replace(/^[\s;]+/, '')
    if (rest === '') break
    const { call, length } = readCall(rest)
    calls.push(call)
    rest = rest.slice(length)
  }
  if (calls.length === 0) throw broken('at least one action after "Action:"')
  return { thought, calls }
}

/** A text as an argument, so that it reads back as it was. */
export function quoteArgument(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
  return `'${escaped}'`
}

function readCall(text: string): { call: TextCall; length: number } {
  const head = /^([A-Za-z_]\w*)\s*\(\s*/.exec(text)
  const name = head?.[1]
  if (head === null || name === undefined) throw broken('name(argument=…)')
  const args: Record<string, string> = Object.create(null)
  let at = head[0].length
  while (text[at] !== ')') {
    const key = /^([A-Za-z_]\w*)\s*=\s*/.exec(text.slice(at))
    if (key?.[1] === undefined) throw broken(`arguments of ${name} as argument='…'`)
    at += key[0].length
    const { value, end } = readValue(text, at, name)
    args[key[1]] = value
    at = end + (/^\s*,?\s*/.exec(text.slice(end))?.[0].length ?? 0)
    if (at >= text.length) throw broken(`a ")" after the arguments of ${name}`)
  }
  return { call: { name, args }, length: at + 1 }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', "'": "'", '"': '"', '\\': '\\' }

function readValue(text: string, start: number, name: string): { value: string; end: number } {
  const quote = text[start]
  if (quote !== "'" && quote !== '"') {
    // A place without quotes: `start_box=(10,20)`.
    const bare = /^(?:\([^()]*\)|\[[^[\]]*\]|<point>[^<>]*<\/point>|[\w.-]+)/.exec(text.slice(start))?.[0]
    if (bare === undefined) throw broken(`a quoted text as argument of ${name}`)
    return { value: bare, end: start + bare.length }
  }
  let value = ''
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text[at] ?? ''
    if (sign === '\\') {
      const next = text[at + 1] ?? ''
      const meant = Object.hasOwn(escapes, next) ? escapes[next] : undefined
      value += meant ?? `\\${next}`
      at += 1
    } else if (sign === quote && isEnd(text, at + 1)) return { value, end: at + 1 }
    else value += sign
  }
  throw broken(`an end of the text that ${name} was given`)
}

const afterValue = /\s*(?:,\s*[A-Za-z_]\w*\s*=|\)[^\S\n]*(?:$|\n|;))/y

function isEnd(text: string, at: number): boolean {
  afterValue.lastIndex = at
  return afterValue.test(text)
}

function broken(must: string): ComputerActionError {
  return new ComputerActionError(`Cannot read a computer action of UI-TARS: its text must have ${must}`, 'shape')
}
