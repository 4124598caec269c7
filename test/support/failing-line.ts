import type { DecisionRecord } from '../../memory/decisions.ts'
import type { Deployment } from '../../models/deployment.ts'
import { createHealth } from '../../models/health.ts'
import type { Attempt } from '../../models/outcome.ts'
import type { Health, Pool } from '../../models/pool.ts'
import type { Provider } from '../../models/provider.ts'
import { createProvider } from '../../models/providers/index.ts'
import { type Clocks, defaultClocks } from '../../src/dispatch/clocks.ts'
import { dispatchStep, type StepResult } from '../../src/dispatch/dispatch.ts'
import { hearText } from '../../src/dispatch/heard.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { deployment, pool } from './deployments.ts'
import { lineOf } from './line.ts'
import type { ScriptedProvider } from './scripted-provider/index.ts'

export const wireFormats = ['openai-responses', 'openai-chat', 'anthropic-messages'] as const
export type WireFormatName = (typeof wireFormats)[number]

/** One step, and all that is seen of it from outside. */
export interface StepSeen {
  result: StepResult | undefined
  error: unknown
  /** What was passed on while it arrived. */
  text: string
  /** What the step was said to have cost while it ran. */
  saidUsd: number
  /** Models in the order in which the provider was asked. */
  asked: string[]
  /** The attempts as the decision holds them. */
  attempts: Attempt[]
  decision: DecisionRecord
}

export interface FailingLine {
  readonly health: Health
  step(request?: Partial<StepRequest>, signal?: AbortSignal): Promise<StepSeen>
  /** What counts against today's budget, reservations included. */
  spentUsd(): Promise<number>
  /** Moves the clock of cooldowns and deadlines on. */
  advance(ms: number): void
}

export interface FailingLineOptions {
  cloud: ScriptedProvider
  format: WireFormatName
  /** `one/alpha`, `one/beta` and `two/gamma` unless told: two credentials, three models. */
  models?: readonly Deployment[]
  /** One of these models unless told. */
  pools?: readonly Pool[]
  /** Where provider `one` is, when it is not the scripted one. */
  urlOfOne?: string
  clocks?: Partial<Clocks>
}

export const threeModels = [deployment('one/alpha'), deployment('one/beta'), deployment('two/gamma')]

/** The line with pools of real providers over real sockets, waits of a millisecond, and a clock that stands still. */
export async function failingLine(options: FailingLineOptions): Promise<FailingLine> {
  const { cloud, format, models = threeModels, pools = [pool('quick', models)], urlOfOne, clocks } = options
  let now = Date.now()
  const health = createHealth({ clock: () => now })
  const providers = [providerOf('one', format, urlOfOne ?? cloud.url), providerOf('two', format, cloud.url)]
  const plain = await lineOf({ pools, providers, budget: { usdPerDay: 1000, usdPerCall: undefined } })
  const line = { ...plain, health, clocks: { ...defaultClocks, firstWaitMs: 1, longestWaitMs: 2, ...clocks }, now: () => now }

  return {
    health,

    async step(request, signal = new AbortController().signal) {
      const before = cloud.requests.length
      const seen: Pick<StepSeen, 'result' | 'error' | 'text' | 'saidUsd'> = { result: undefined, error: undefined, text: '', saidUsd: 0 }
      const options = {
        signal,
        onArrival: hearText((delta) => {
          seen.text += delta
        }),
        onSpend: (usd: number) => {
          seen.saidUsd += usd
        },
      }
      const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello' }] }]
      try {
        seen.result = await dispatchStep(
          line,
          { principal: 'local', client: undefined, thread: undefined, messages, maxOutputTokens: 100, ...request },
          options,
        )
      } catch (error) {
        seen.error = error
      }
      const [decision] = (await line.decisions.list('local', { limit: 1 })).decisions
      if (decision === undefined) throw new Error('The decision was not recorded')
      const { attempts } = decision.outcome as { attempts: Attempt[] }
      return { ...seen, decision, attempts, asked: cloud.requests.slice(before).map(({ model }) => model) }
    },

    async spentUsd() {
      return (await line.budget.limits()).spentTodayUsd ?? Number.NaN
    },

    advance(ms) {
      now += ms
    },
  }
}

function providerOf(name: string, format: WireFormatName, url: string): Provider {
  const key = { apiKey: `sk-${name}-0123456789`, apiKeyVariable: `${name.toUpperCase()}_KEY` }
  if (format === 'anthropic-messages') return createProvider({ name, kind: 'anthropic', baseUrl: url, ...key })
  return createProvider({ name, kind: 'openai', baseUrl: `${url}/v1`, format, ...key })
}
