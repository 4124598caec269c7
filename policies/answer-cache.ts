import { z } from 'zod'

/** Whether an answer to an earlier request may answer this one: never, or where both are the same. */
export const answerUse = z.enum(['off', 'exact'])
export type AnswerUse = z.output<typeof answerUse>

const ttl = z.int().min(1).max(31_536_000)
const entries = z.int().min(1).max(100_000)

export const answerCacheSchema = z.strictObject({
  answers: answerUse.default('exact'),
  ttl_s: ttl.default(86_400),
  /** Of each caller; those used last stay. */
  entries: entries.default(1000),
  /** By the value of the policy's signal `domain`. */
  domains: z
    .record(
      z.string().min(1).max(60),
      z.strictObject({
        answers: answerUse.optional(),
        ttl_s: ttl.optional(),
        entries: entries.optional(),
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
  /** Of the caller in all, and of the domain where it has a limit of its own. */
  readonly entries: number
  readonly domainEntries: number | undefined
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
    entries: all.entries,
    domainEntries: own.entries,
  }
}
