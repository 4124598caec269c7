import { z } from 'zod'

/** Whether an answer to an earlier request may answer this one: never, where both are the same, or also where both ask the same. */
export const answerUse = z.enum(['off', 'exact', 'semantic'])
export type AnswerUse = z.output<typeof answerUse>

const ttl = z.int().min(1).max(31_536_000)
const entries = z.int().min(1).max(100_000)
const targetError = z.number().min(0.001).max(0.5)

export const answerCacheSchema = z.strictObject({
  answers: answerUse.default('exact'),
  ttl_s: ttl.default(86_400),
  /** Of questions about what changes by itself: today, prices, weather. 0: their answers are not kept. */
  volatile_ttl_s: z.int().min(0).max(86_400).default(0),
  /** Of each caller; those used last stay. */
  entries: entries.default(1000),
  /** The share of semantic hits that may be wrong. */
  target_error: targetError.default(0.02),
  /** By the value of the policy's signal `domain`. */
  domains: z
    .record(
      z.string().min(1).max(60),
      z.strictObject({
        answers: answerUse.optional(),
        ttl_s: ttl.optional(),
        entries: entries.optional(),
        target_error: targetError.optional(),
      }),
    )
    .default({}),
})

export type AnswerCacheSettings = z.output<typeof answerCacheSchema>

/** What holds for one step. */
export interface AnswerCaching {
  readonly use: AnswerUse
  readonly domain: string | undefined
  readonly ttlMs: number
  readonly volatileTtlMs: number
  /** Of the caller in all, and of the domain where it has a limit of its own. */
  readonly entries: number
  readonly domainEntries: number | undefined
  readonly targetError: number
}

const otherwise = answerCacheSchema.parse({ answers: 'off' })

/** What the deciding rule says comes first, then what the policy says of the domain, then the policy. */
export function answerCachingOf(
  settings: AnswerCacheSettings | undefined,
  { ofRule, domain }: { ofRule: AnswerUse | undefined; domain: string | undefined },
): AnswerCaching {
  const all = settings ?? otherwise
  const own = (domain !== undefined && Object.hasOwn(all.domains, domain) ? all.domains[domain] : undefined) ?? {}
  return {
    use: ofRule ?? own.answers ?? all.answers,
    domain,
    ttlMs: (own.ttl_s ?? all.ttl_s) * 1000,
    volatileTtlMs: all.volatile_ttl_s * 1000,
    entries: all.entries,
    domainEntries: own.entries,
    targetError: own.target_error ?? all.target_error,
  }
}
