/**
 * A few texts that a regular expression may match, written from its parts: a first branch, one repetition, the first of a class.
 *
 * They are proposals: whoever takes one tries it. What the pattern asks of its surroundings (`^`, `$`, `\b`) is left to that.
 */
export function regexSamples(pattern: string): string[] {
  const samples = new Set<string>()
  for (let branch = 0; branch < 3; branch += 1) {
    for (const repeats of [1, 0, 2, 12]) samples.add(read(pattern, branch, repeats))
  }
  return [...samples]
}

function read(pattern: string, branch: number, repeats: number): string {
  let at = 0

  function choice(): string {
    const branches = [sequence()]
    while (pattern[at] === '|') {
      at += 1
      branches.push(sequence())
    }
    return branches[Math.min(branch, branches.length - 1)] ?? ''
  }

  function sequence(): string {
    let text = ''
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') text += repeated(piece())
    return text
  }

  function repeated(text: string): string {
    const found = /^(?:([*+?])|\{(\d+)(,\d*)?\})\??/.exec(pattern.slice(at, at + 20))
    if (found === null) return text
    at += found[0].length
    const least = found[2] === undefined ? (found[1] === '+' ? 1 : 0) : Number(found[2])
    const most = found[1] === '?' ? 1 : found[2] !== undefined && found[3] === undefined ? least : Number.POSITIVE_INFINITY
    return text.repeat(Math.min(most, Math.max(least, repeats), Math.max(least, 50)))
  }

  function piece(): string {
    const sign = pattern[at] ?? ''
    at += 1
    if (sign === '(') {
      at += /^\?(?:<\w+>|[a-z-]*:)/.exec(pattern.slice(at, at + 100))?.[0].length ?? 0
      const text = choice()
      at += 1
      return text
    }
    if (sign === '[') return ofClass()
    if (sign === '\\') return escaped(pattern[at++] ?? '')
    if (sign === '^' || sign === '$') return ''
    return sign === '.' ? 'a' : sign
  }

  function ofClass(): string {
    const from = at
    while (at < pattern.length && (pattern[at] !== ']' || at === from)) at += pattern[at] === '\\' ? 2 : 1
    const test = new RegExp(`[${pattern.slice(from, at)}]`)
    at += 1
    return [...'a0A_ -.xyzXYZ123,;:/@#'].find((sign) => test.test(sign)) ?? pattern[from] ?? ''
  }

  return choice()
}

function escaped(sign: string): string {
  const known: Readonly<Record<string, string>> = {
    d: '7',
    w: 'a',
    s: ' ',
    D: 'a',
    W: '-',
    S: 'a',
    b: '',
    B: '',
    n: '\n',
    t: '\t',
    r: '\r',
  }
  return known[sign] ?? sign
}
