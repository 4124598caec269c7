import { strictest } from '../../tools/computer/guard/verdict.ts'
import type { ActionVerdict } from '../computer/answer-guard.ts'
import type { Heard } from '../dispatch/heard.ts'

const longestHeader = 2000

/** Headers of a vendor that its clients read: its own ids, limits and versions. */
const relayed = /^(?:request-id|x-request-id|anthropic-[\w-]+|openai-[\w-]+|x-ratelimit-[\w-]+|retry-after(?:-ms)?)$/

export interface AnswerHeadersOptions {
  /** Fields of the request that reach a provider of the same format alone. */
  readonly untranslated: readonly string[]
  /** Whether the client asked for more (`x-signalbox-debug: true`). */
  readonly debug: boolean
  /** What the guard of computer use has said by now. */
  readonly guarded?: readonly ActionVerdict[] | undefined
}

/** Who answers and why, for people and programs that look: `x-signalbox-decision`, `-pool`, `-model`, `-rule`; `-dropped` names what was lost on the way, `-redacted` counts what the model did not see; `-cache` and `-cached-decision` say of an answer that was kept how it was found and whose it was, `age` since when. */
export function answerHeaders(
  { plan, deployment, events, bytes, redacted, cached }: Heard,
  options: AnswerHeadersOptions,
): Record<string, string> {
  const [first] = events
  const pool = plan.candidates.find(({ model }) => model === deployment)?.pool ?? plan.pool ?? ''
  const headers: Record<string, string> = {}
  if (first?.type === 'start' && first.headers !== undefined && bytes !== undefined) {
    for (const [name, value] of first.headers) if (relayed.test(name)) headers[name] = value
  }
  headers['x-signalbox-decision'] = plan.decision
  headers['x-signalbox-pool'] = pool
  headers['x-signalbox-model'] = deployment
  headers['x-signalbox-rule'] = plan.rule
  if (bytes === undefined && options.untranslated.length > 0) headers['x-signalbox-dropped'] = options.untranslated.join(', ')
  if (redacted !== undefined) {
    headers['x-signalbox-redacted'] = Object.entries(redacted)
      .map(([kind, count]) => `${kind}=${count}`)
      .join(', ')
  }
  const { guarded = [] } = options
  if (guarded.length > 0) headers['x-signalbox-guard'] = strictest(guarded.map(({ verdict }) => verdict))
  const asked = guarded.flatMap(({ approval }) => approval ?? [])
  if (asked.length > 0) headers['x-signalbox-approval'] = asked.join(', ')
  if (cached !== undefined) {
    headers['age'] = String(cached.ageS)
    headers['x-signalbox-cache'] = cached.match
    headers['x-signalbox-cached-decision'] = cached.decision
  }
  if (options.debug) {
    const { selector, propensity, hold, rejected, trace } = plan
    headers['x-signalbox-trace'] = JSON.stringify({ selector, propensity, hold, rejected, trace })
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, asHeader(value)]))
}

/** Printable ASCII, as headers must be, and cut. */
function asHeader(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, longestHeader)
}
