/**
 * Why a regular expression may take longer than the length of its text allows, in words that follow its name; `undefined`
 * when it may not.
 *
 * JavaScript's engine tries one way after another. What repeats a group in which there is more than one way to go on, or looks
 * back at what it has matched, can have more ways than there is time.
 */
export function refuseRegex(pattern: string): string | undefined {
  try {
    new RegExp(pattern)
  } catch (error) {
    return `cannot be used (${error instanceof Error ? error.message : String(error)})`
  }
  if (pattern.length > 1000) return `must have at most 1000 characters, received ${pattern.length}`
  /** Of each open group, whether it holds a repetition or a choice. */
  const open: boolean[] = [false]
  let closed = false
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]
    const wasClosed = closed
    closed = false
    if (character === '\\') {
      at += 1
      if (/[1-9k]/.test(pattern[at] ?? '')) return 'must not look back at what it has matched'
    } else if (character === '[') {
      at = endOfClass(pattern, at)
    } else if (character === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(at, at + 4))) return 'must not look ahead or back'
      at += (/^\(\?(<\w+>|[a-z-]*:)/.exec(pattern.slice(at, at + 100))?.[0].length ?? 1) - 1
      open.push(false)
    } else if (character === ')') {
      const isBranching = open.pop() ?? false
      if (isBranching) open[open.length - 1] = true
      closed = isBranching
    } else if (character === '|' || character === '?') {
      open[open.length - 1] = true
    } else if (repeats(pattern, at)) {
      if (wasClosed) return 'must not repeat a group that holds a repetition or a choice'
      open[open.length - 1] = true
    }
  }
  return undefined
}

/** `*`, `+` and `{n,m}`. */
function repeats(pattern: string, at: number): boolean {
  return pattern[at] === '*' || pattern[at] === '+' || /^\{\d+(,\d*)?\}/.test(pattern.slice(at, at + 20))
}

function endOfClass(pattern: string, from: number): number {
  for (let at = from + 1; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1
    else if (pattern[at] === ']') return at
  }
  return pattern.length
}
