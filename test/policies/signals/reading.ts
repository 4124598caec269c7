import type { Message } from '../../../models/message.ts'
import type { Pool } from '../../../models/pool.ts'
import { createStep, type LiveFacts, readSignals, type StepInput } from '../../../policies/index.ts'
import { createSignal, signalSchema } from '../../../policies/signals/kinds.ts'

/** What a signal says of a step, or why it could not; `options` as a policy file writes them. */
export async function readingOf(options: object, step: Partial<StepInput> | string, live: Partial<LiveFacts> = {}) {
  const pools = live.pools ?? []
  const signal = createSignal('one', signalSchema.parse(options), { pools, embedder: undefined })
  const given = typeof step === 'string' ? { messages: [said(step)] } : step
  const whole = createStep({ messages: [], inputTokens: 100, maxOutputTokens: 10, principal: 'local', ...given })
  const facts: LiveFacts = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools, state: () => undefined, ...live }
  const { readings, failures } = await readSignals([signal], whole, { live: facts })
  return readings[0] ?? { value: `failed: ${failures[0]?.error}`, confidence: 0 }
}

export async function valueOfSignal(...given: Parameters<typeof readingOf>) {
  return (await readingOf(...given)).value
}

export function said(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] }
}

export function answered(text: string): Message {
  return { role: 'assistant', content: [{ type: 'text', text }] }
}

/** A call of a tool and its result. */
export function called(name: string, { isError = false, id = name }: { isError?: boolean; id?: string } = {}): Message[] {
  return [
    { role: 'assistant', content: [{ type: 'tool-call', id, name, input: {} }] },
    { role: 'user', content: [{ type: 'tool-result', id, name, content: [], isError }] },
  ]
}

export function poolOf(name: string, models: readonly string[], contextTokens = 1000): Pool {
  const deployment = {
    provider: 'p',
    local: false,
    contextTokens,
    maxOutputTokens: 100,
    modalities: ['text'],
    toolCalls: true,
    imageRule: 'none',
    price: null,
    source: 'test',
  } as const
  return {
    name,
    deployments: models.map((model) => ({ ...deployment, id: model, model })),
    expose: false,
    purpose: '',
    local: false,
    modalities: ['text'],
    computer: false,
  }
}
