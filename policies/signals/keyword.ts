import { z } from 'zod'
import { createBm25 } from './bm25.ts'
import { compileRegex, linearRegex } from './linear-regex.ts'
import { createNGramMatch } from './n-gram.ts'
import { phrasePattern } from './phrase-match.ts'
import { defineSignal } from './signal.ts'
import { endsOf } from './words.ts'

const phrases = z.array(z.string().min(1).max(1000)).min(1).max(500)

/** What each method finds too little to count. */
const thresholds = { bm25: 0.1, ngram: 0.4 } as const

/** The approximate methods look at the beginning and end of a long text: this many characters. */
const longestText = 20_000

/**
 * Whether the step's text holds one of `any`, each of `all`, and none of `none`.
 *
 * `literal`: words or phrases, whole, in any case. `regex`: RE2, in linear time. `bm25`: shared words, by their stems and rarity.
 * `ngram`: phrases with slips of the pen.
 */
export const keyword = defineSignal({
  value: 'true or false',
  is: 'whether the text holds one of `any`, each of `all` and none of `none`. `literal`: whole words or phrases, in any case; `regex`: RE2, in linear time; `bm25`: shared word stems, rare ones counting more; `ngram`: phrases with slips, by n-grams',
  options: {
    any: 'phrases, one of which is enough',
    all: 'phrases, each of which is needed',
    none: 'phrases, none of which may be there',
    method: 'how a phrase is found',
    threshold: 'from what score on it is found: 0.1 with `bm25`, 0.4 with `ngram` unless told',
    arity: 'characters in an n-gram: 3 unless told',
  },
  schema: z
    .strictObject({
      kind: z.literal('keyword'),
      any: phrases.optional(),
      all: phrases.optional(),
      none: phrases.optional(),
      method: z.enum(['literal', 'regex', 'bm25', 'ngram']).default('literal'),
      /** From what score on a phrase is found: BM25 score, or share of n-grams. */
      threshold: z.number().min(0).max(100).optional(),
      /** Characters in an n-gram. */
      arity: z.int().min(2).max(5).optional(),
    })
    .refine(({ any, all, none }) => any !== undefined || all !== undefined || none !== undefined, { error: 'give any, all or none' })
    .refine(({ method, threshold }) => threshold === undefined || method === 'bm25' || method === 'ngram', {
      path: ['threshold'],
      error: 'belongs to bm25 and ngram',
    })
    .refine(({ method, arity }) => arity === undefined || method === 'ngram', { path: ['arity'], error: 'belongs to ngram' })
    .superRefine(({ method, any = [], all = [], none = [] }, issues) => {
      for (const pattern of method === 'regex' ? [...any, ...all, ...none] : []) {
        for (const { message } of linearRegex.safeParse(pattern).error?.issues ?? [])
          issues.addIssue({ code: 'custom', message: `${pattern} ${message}` })
      }
    }),
  create(name, { any, all = [], none, method, threshold, arity = 3 }) {
    const find = (group: readonly string[]) => createFinder(method, group, threshold, arity)
    const anyOf = any && find(any)
    const noneOf = none && find(none)
    const each = all.map((phrase) => find([phrase]))
    return {
      name,
      cost: 'scan',
      type: 'bool',
      read({ text }) {
        const found = [...(anyOf === undefined ? [] : [anyOf(text)]), ...each.map((one) => one(text))]
        const value = found.every((one) => one.found) && !(noneOf?.(text).found ?? false)
        const certainty = found.map((one) => (one.found ? one.certainty : 1))
        return { value, confidence: Math.min(1, ...certainty) }
      },
    }
  },
})

type Finder = (text: string) => { found: boolean; certainty: number }

/** Finds one of the phrases at least. */
function createFinder(
  method: 'literal' | 'regex' | 'bm25' | 'ngram',
  group: readonly string[],
  threshold: number | undefined,
  arity: number,
): Finder {
  if (method === 'literal') {
    const pattern = phrasePattern(group)
    return (text) => ({ found: pattern.test(text), certainty: 1 })
  }
  if (method === 'regex') {
    const patterns = group.map(compileRegex)
    return (text) => ({ found: patterns.some((pattern) => pattern.test(text)), certainty: 1 })
  }
  const score = method === 'bm25' ? createBm25(group) : createNGramMatch(group, arity)
  const enough = threshold ?? thresholds[method]
  return (text) => {
    const reached = score(endsOf(text, longestText))
    return { found: reached >= enough && reached > 0, certainty: Math.min(1, reached) }
  }
}
