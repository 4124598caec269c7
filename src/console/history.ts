import { z } from 'zod'
import { anyPrincipal, type OwnedDecision } from '../../memory/index.ts'
import { costOf } from '../../models/catalogue.ts'
import type { Deployment, Price } from '../../models/deployment.ts'
import type { Usage } from '../../models/outcome.ts'
import type { Services } from '../operations/services.ts'
import type { ModelHistory, PoolHistory, Saving } from './wire.ts'

/** So many of the newest steps are looked at: more would keep the process from its work. */
const most = 2000
const pageSize = 200
const hourMs = 3_600_000

const tokens = z.number()
const dispatched = z.object({
  model: z.string(),
  usage: z.object({
    inputTokens: tokens,
    cacheReadTokens: tokens,
    cacheWriteTokens: tokens,
    outputTokens: tokens,
    cacheWrite1hTokens: tokens.optional(),
  }),
  costUsd: z.number().nullable(),
  latencyMs: z.number(),
  firstContentMs: z.number().optional(),
  attempts: z.array(z.object({ deployment: z.string(), error: z.unknown().optional() })).catch([]),
})

interface Answered extends z.infer<typeof dispatched> {
  readonly at: number
  readonly usage: z.infer<typeof dispatched>['usage'] & Usage
}

/** What pools did in the last hours, over all processes and callers: counted from the recorded steps. */
export async function poolHistory(services: Pick<Services, 'decisions' | 'pools' | 'now'>, hours: number): Promise<PoolHistory> {
  const now = services.now()
  const since = now - hours * hourMs
  const { answered, isMore } = await readAnswered(services.decisions, since)
  const buckets = bucketsOf(since, now)
  const byModel = Map.groupBy(answered, ({ model }) => model)
  return {
    since,
    steps: answered.length,
    more: isMore,
    models: [...byModel].map(([model, steps]) => modelHistory(model, steps)).toSorted((one, other) => other.steps - one.steps),
    spend: spendOf(answered, buckets),
    latency: latencyOf(answered, buckets),
    saving: savingOf(
      answered,
      services.pools().flatMap(({ deployments }) => deployments),
    ),
  }
}

async function readAnswered(decisions: Services['decisions'], since: number): Promise<{ answered: Answered[]; isMore: boolean }> {
  const answered: Answered[] = []
  let cursor: string | undefined
  for (let seen = 0; seen < most; seen += pageSize) {
    const page = await decisions.list(anyPrincipal, { limit: pageSize, cursor })
    const within = page.decisions.filter(({ at }) => at >= since)
    answered.push(...within.flatMap(toAnswered))
    cursor = page.nextCursor
    if (cursor === undefined || within.length < page.decisions.length) return { answered, isMore: false }
  }
  return { answered, isMore: true }
}

function toAnswered({ at, outcome }: OwnedDecision): Answered[] {
  const parsed = dispatched.safeParse(outcome).data
  return parsed === undefined ? [] : [{ ...parsed, usage: parsed.usage as Answered['usage'], at }]
}

function modelHistory(model: string, steps: readonly Answered[]): ModelHistory {
  const sum = (of: (step: Answered) => number) => steps.reduce((all, step) => all + of(step), 0)
  const input = sum(({ usage }) => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens)
  const latencies = steps.map(({ latencyMs }) => latencyMs)
  const firsts = steps.flatMap(({ firstContentMs }) => (firstContentMs === undefined ? [] : [firstContentMs]))
  return {
    model,
    steps: steps.length,
    failed_attempts: sum(({ attempts }) => attempts.filter(({ error }) => error !== undefined).length),
    latency_ms: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), p99: quantile(latencies, 0.99) },
    first_content_ms: { p50: quantile(firsts, 0.5), p95: quantile(firsts, 0.95) },
    input_tokens: input,
    cached_share: input === 0 ? 0 : sum(({ usage }) => usage.cacheReadTokens) / input,
    output_tokens: sum(({ usage }) => usage.outputTokens),
    cost_usd: sum(({ costUsd }) => costUsd ?? 0),
    unpriced: steps.filter(({ costUsd }) => costUsd === null).length,
  }
}

/** By the nearest rank; `null` of nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

const mostBuckets = 48

interface Buckets {
  /** Where each begins. */
  readonly at: readonly number[]
  of(at: number): number
}

function bucketsOf(since: number, now: number): Buckets {
  const width = Math.max(60_000, Math.ceil((now - since) / mostBuckets))
  const count = Math.ceil((now - since) / width)
  return {
    at: Array.from({ length: count }, (_, index) => since + index * width),
    of: (at) => Math.min(count - 1, Math.floor((at - since) / width)),
  }
}

function latencyOf(answered: readonly Answered[], buckets: Buckets): PoolHistory['latency'] {
  const within = Map.groupBy(answered, ({ at }) => buckets.of(at))
  const of = (share: number) =>
    buckets.at.map((_, index) =>
      quantile(
        (within.get(index) ?? []).map(({ latencyMs }) => latencyMs),
        share,
      ),
    )
  return { at: buckets.at, p50: of(0.5), p95: of(0.95) }
}

function spendOf(answered: readonly Answered[], buckets: Buckets): PoolHistory['spend'] {
  const models = [...new Set(answered.map(({ model }) => model))]
  const usd = models.map(() => buckets.at.map(() => 0))
  for (const { at, model, costUsd } of answered) {
    const row = usd[models.indexOf(model)]
    const bucket = buckets.of(at)
    if (row !== undefined) row[bucket] = (row[bucket] ?? 0) + (costUsd ?? 0)
  }
  return { at: buckets.at, models, usd }
}

/** What the same steps had cost if one model had answered all of them. */
function savingOf(answered: readonly Answered[], deployments: readonly Deployment[]): Saving {
  const priced = answered.filter(({ costUsd }) => costUsd !== null)
  const prices = new Map<string, Price>()
  for (const { id, price } of deployments) if (price !== null && price.outputPerMillion > 0) prices.set(id, price)
  return {
    steps: priced.length,
    left_out: answered.length - priced.length,
    paid_usd: priced.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    always: [...prices]
      .map(([model, price]) => ({ model, usd: priced.reduce((sum, { usage }) => sum + costOf(usage, price), 0) }))
      .toSorted((one, other) => other.usd - one.usd),
  }
}
