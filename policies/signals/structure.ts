import { z } from 'zod'
import { compileRegex, linearRegex } from './linear-regex.ts'
import { phrasePattern } from './phrase-match.ts'
import { defineSignal } from './signal.ts'

/** Shapes of text by name, each in linear time. */
const shapes = {
  code_fence: '^ {0,3}(?:```|~~~)[^\\n]*$',
  list_item: '^[ \\t]*(?:[-*+•]|\\d{1,3}[.)])[ \\t]+\\S',
  numbered_step: '^[ \\t]*(?:\\d{1,3}[.)]|step \\d{1,3}\\b)',
  heading: '^#{1,6} \\S',
  table_row: '^[ \\t]*\\|[^\\n]*\\|[ \\t]*$',
  quote: '^> ',
  diff: '^(?:diff --git |@@ -\\d)',
  json: '[{\\[]\\s*(?:"[^"\\n]{1,200}"\\s*[:,\\]]|[{\\[])',
  question: '[?？؟]',
  number: '\\b\\d+(?:[.,]\\d+)*\\b',
  url: 'https?://[^\\s<>"]+',
  path: '(?:^|[\\s`\'"(])(?:~|\\.{1,2})?/?(?:[\\w.-]+/)+[\\w.-]+',
  stack_frame: '^\\s+at \\S+|^\\s*File "[^"\\n]+", line \\d+',
} as const

type Shape = keyof typeof shapes

const source = z.union([
  z.enum(Object.keys(shapes) as [Shape, ...Shape[]]),
  z.strictObject({ regex: linearRegex }),
  z.strictObject({ words: z.array(z.string().min(1).max(100)).min(1).max(500) }),
])
type Source = z.output<typeof source>

/**
 * The shape of the step's text: whether something stands in it, how often, how much of the text it takes (0–1), or whether
 * several stand in it in an order. `bytes` counts the text's own, as UTF-8.
 */
export const structure = defineSignal({
  value: 'true or false; number',
  is: 'of a shape in the text: whether it is there, how often, or which share of the text it takes',
  options: {
    of: 'a shape by name, `{ regex: … }`, `{ words: […] }`, or `{ sequence: […] }` of shapes that stand in this order',
    measure: '`exists`, `count` or `density`',
  },
  schema: z
    .strictObject({
      kind: z.literal('structure'),
      of: z.union([source, z.literal('bytes'), z.array(source).min(2).max(10)]),
      measure: z.enum(['exists', 'count', 'density', 'sequence']).default('exists'),
    })
    .refine(({ of, measure }) => Array.isArray(of) === (measure === 'sequence'), {
      error: 'a list belongs to the measure sequence, and only to it',
    })
    .refine(({ of, measure }) => of !== 'bytes' || measure === 'count', { error: 'bytes can be counted, and nothing else' }),
  create(name, { of, measure }) {
    const finders = of === 'bytes' ? [] : (Array.isArray(of) ? of : [of]).map(createFinder)
    const [first] = finders
    return {
      name,
      cost: 'scan',
      type: measure === 'exists' || measure === 'sequence' ? 'bool' : 'double',
      read({ text }) {
        if (first === undefined) return { value: Buffer.byteLength(text), confidence: 1 }
        switch (measure) {
          case 'exists':
            return { value: first(text, 0) !== undefined, confidence: 1 }
          case 'count':
            return { value: placesOf(first, text).length, confidence: 1 }
          case 'density':
            return { value: shareOf(placesOf(first, text), text), confidence: 1 }
          case 'sequence':
            return { value: stand(finders, text), confidence: 1 }
        }
      },
    }
  },
})

interface Place {
  readonly start: number
  readonly end: number
}

/** The next place from there on. */
type Finder = (text: string, from: number) => Place | undefined

function createFinder(one: Source): Finder {
  if (typeof one === 'object' && 'words' in one) {
    const pattern = phrasePattern(one.words, 'giu')
    return (text, from) => {
      pattern.lastIndex = from
      const found = pattern.exec(text)
      return found === null ? undefined : { start: found.index, end: found.index + found[0].length }
    }
  }
  const pattern = compileRegex(typeof one === 'object' ? one.regex : shapes[one])
  let matcher: { text: string; of: ReturnType<typeof pattern.matcher> } | undefined
  return (text, from) => {
    if (matcher?.text !== text) matcher = { text, of: pattern.matcher(text) }
    const found = matcher.of.find(from)
    const place = found ? { start: matcher.of.start(), end: matcher.of.end() } : undefined
    if (place === undefined) matcher = undefined
    return place
  }
}

/** One after the other, none over another. */
function placesOf(find: Finder, text: string): Place[] {
  const places: Place[] = []
  for (let place = find(text, 0); place !== undefined; place = nextAfter(find, text, place)) places.push(place)
  return places
}

function nextAfter(find: Finder, text: string, { start, end }: Place): Place | undefined {
  const from = Math.max(end, start + 1)
  return from > text.length ? undefined : find(text, from)
}

function shareOf(places: readonly Place[], text: string): number {
  return places.reduce((sum, { start, end }) => sum + end - start, 0) / Math.max(1, text.length)
}

function stand(finders: readonly Finder[], text: string): boolean {
  let from = 0
  for (const find of finders) {
    const place = from > text.length ? undefined : find(text, from)
    if (place === undefined) return false
    from = Math.max(place.end, place.start + 1)
  }
  return true
}
