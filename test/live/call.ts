import { costOf, worstCaseCost } from '../../models/catalogue.ts'
import type { Deployment } from '../../models/deployment.ts'
import { createHealth } from '../../models/health.ts'
import { type Attempt, noUsage } from '../../models/outcome.ts'
import type { DeploymentState } from '../../models/pool.ts'
import type { ModelFinish, ModelRequest } from '../../models/provider.ts'
import { createProvider } from '../../models/providers/index.ts'
import { runAttempts } from '../../src/dispatch/attempt.ts'
import { type Clocks, defaultClocks } from '../../src/dispatch/clocks.ts'
import { sending } from '../../src/dispatch/sending.ts'
import type { Cap } from './cap.ts'

/** Where the rows are run: one provider in one wire format, and one model there. */
export interface LiveTarget {
  /** Names the folder of its cassettes. */
  readonly name: string
  readonly format: 'openai-responses' | 'openai-chat' | 'anthropic-messages'
  readonly baseUrl: string
  readonly key: string
  readonly deployment: Deployment
}

export interface CallOptions {
  target: LiveTarget
  cap: Cap
  fetch: typeof fetch
  signal: AbortSignal
  clocks?: Partial<Clocks> | undefined
}

export interface LiveRequest extends Omit<ModelRequest, 'model'> {
  /** In the place of the target's. */
  model?: string
  key?: string
  /** Leaves the answer when its first text has arrived. */
  leaveWith?: Error
}

/** One call through the line's own attempts, and all that is seen of it. */
export interface CallSeen {
  finish: ModelFinish | undefined
  error: unknown
  /** How often text arrived. */
  pieces: number
  attempts: Attempt[]
  warnings: readonly string[]
  health: DeploymentState
}

/** Of the answer, reasoning included: cheap models reason before they say one word. */
const maxOutputTokens = 2000
/** What a service adds to a request: its own text about tools, and a small picture. */
const addedTokens = 5000

/** Makes one call, after its worst case has been reserved; without room for it nothing is sent. */
export async function callLive(request: LiveRequest, { target, cap, fetch, signal, clocks }: CallOptions): Promise<CallSeen> {
  const { model = target.deployment.model, key = target.key, leaveWith, ...rest } = request
  const deployment: Deployment = { ...target.deployment, id: `${target.name}/${model}`, model }
  const { price } = deployment
  if (price === null) throw new RangeError(`Cannot call ${deployment.id}: its price must be known`)
  const sent: ModelRequest = { maxOutputTokens, ...rest, model }
  // No token is shorter than a byte, and no service takes more than its window.
  const mostInputTokens = Math.min(deployment.contextTokens, Buffer.byteLength(JSON.stringify(sent)) + addedTokens)
  const worstCaseUsd = worstCaseCost(mostInputTokens, maxOutputTokens, price)

  const { kind, format } =
    target.format === 'anthropic-messages' ? { kind: 'anthropic' as const } : { kind: 'openai' as const, format: target.format }
  const provider = createProvider({ name: target.name, kind, format, baseUrl: target.baseUrl, apiKey: key, fetch })
  const health = createHealth()
  const leaving = new AbortController()
  const attempts: Attempt[] = []
  let hold: ReturnType<Cap['reserve']>
  const seen: Pick<CallSeen, 'finish' | 'error' | 'pieces' | 'warnings'> = { finish: undefined, error: undefined, pieces: 0, warnings: [] }

  try {
    const { finish, warnings } = await runAttempts({
      candidates: [{ deployment, alone: true, prepare: async () => sending(provider, sent) }],
      reserve: async () => {
        hold = cap.reserve(worstCaseUsd)
        return hold && { settle: async () => undefined }
      },
      cost: (_, usage) => costOf(usage, price),
      brokenUsage: () => ({ ...noUsage, inputTokens: mostInputTokens, outputTokens: maxOutputTokens }),
      onArrival({ events }) {
        seen.pieces += events.filter(({ type }) => type === 'text-delta').length
        if (leaveWith !== undefined) leaving.abort(leaveWith)
      },
      onAttempt(attempt) {
        attempts.push(attempt)
        hold?.settle(chargeOf(attempt, worstCaseUsd))
        hold = undefined
      },
      health,
      clocks: { ...defaultClocks, ...clocks },
      signal: AbortSignal.any([signal, leaving.signal]),
      clock: Date.now,
    })
    Object.assign(seen, { finish, warnings })
  } catch (error) {
    signal.throwIfAborted()
    seen.error = error
  }
  return { ...seen, attempts, health: health.state(deployment.id) }
}

/** What counts against the cap. Services charge nothing for a refusal; what broke off may have cost all that it could. */
function chargeOf({ error, costUsd }: Attempt, worstCaseUsd: number): number {
  if (error === undefined) return costUsd ?? worstCaseUsd
  return error.status === undefined ? worstCaseUsd : 0
}
