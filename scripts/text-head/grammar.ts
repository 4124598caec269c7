import { readFileSync } from 'node:fs'
import { seededRandom } from '../../policies/signals/heads/landmarks.ts'

/** A text with the line that it was made from: what is measured on some lines was learnt from others. */
export interface MadeText {
  readonly kind: string
  readonly text: string
  readonly line: number
}

interface Filled {
  readonly kind: string
  readonly texts: readonly string[]
}

interface FillOptions {
  /** So many are made of each line by chance, fewer where it has fewer. */
  readonly most: number
  /** Whether each alternative of a line that is nothing but alternatives is a line of its own. */
  readonly split?: boolean
  readonly seed?: number
}

export function madeTexts(file: URL, most: number): MadeText[] {
  return filledPatterns(readFileSync(file, 'utf8'), { most }).flatMap(({ kind, texts }, line) =>
    texts.map((text) => ({ kind, text, line })),
  )
}

/**
 * Texts of a file of patterns: `# kind` begins a part, `$name = one|two` names alternatives, `{one|two}` is one of several, and may stand
 * within another.
 */
export function filledPatterns(patterns: string, { most, split = false, seed = 1 }: FillOptions): Filled[] {
  const random = seededRandom(seed)
  const pick = (all: readonly string[]) => all[Math.floor(random() * all.length)] ?? ''
  const slots = new Map<string, readonly string[]>()
  const made: Filled[] = []
  let kind = ''
  for (const line of patterns.split('\n')) {
    const slot = /^\$(\p{L}+) = (.*)$/u.exec(line)
    const heading = /^# (.+)$/.exec(line)
    if (slot?.[1] !== undefined && slot[2] !== undefined) slots.set(slot[1], slot[2].split('|'))
    else if (heading?.[1] !== undefined) kind = heading[1]
    else if (line.trim() !== '') {
      for (const pattern of split ? alternativesOf(line) : [line]) {
        const texts = new Set<string>()
        for (let tries = 0; tries < most * 2 && texts.size < most; tries += 1) texts.add(filled(pattern, slots, pick).trim())
        made.push({ kind, texts: [...texts].filter((text) => text !== '') })
      }
    }
  }
  return made
}

/** Of a line that is one pair of braces around all else: what stands between its own bars, each with what is in it. */
function alternativesOf(line: string): string[] {
  const [, prefix = '', inner] = /^(~|type:)?\{(.*)\}$/.exec(line) ?? []
  if (inner === undefined) return [line]
  const parts = ['']
  let depth = 0
  for (const sign of inner) {
    depth += sign === '{' ? 1 : sign === '}' ? -1 : 0
    if (depth < 0) return [line]
    if (sign === '|' && depth === 0) parts.push('')
    else parts[parts.length - 1] += sign
  }
  return parts.map((one) => `${prefix}${one}`)
}

/** The innermost alternatives first, so that they may stand in one another. Braces without a bar, and bars beside `<` and `>`, stay. */
function filled(pattern: string, slots: ReadonlyMap<string, readonly string[]>, pick: (all: readonly string[]) => string): string {
  let text = pattern.replaceAll('<|', '\u0001').replaceAll('|>', '\u0002')
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replaceAll(/\$(\p{L}+)/gu, (whole, name: string) => (slots.has(name) ? pick(slots.get(name) ?? []) : whole))
    text = text.replaceAll(/\{([^{}]*\|[^{}]*)\}/g, (_, inner: string) => pick(inner.split('|')))
  }
  return text.replaceAll('\u0001', '<|').replaceAll('\u0002', '|>')
}
