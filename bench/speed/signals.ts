import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Embedder } from '../../models/embedder.ts'
import { createMiniLM } from '../../models/local/index.ts'
import { createStep, readSignals, type Signal } from '../../policies/index.ts'
import { createSignal, type SignalOptions, signalSchema } from '../../policies/signals/kinds.ts'
import { type Figure, type MeasureOptions, median, ofRounds, timesOf } from './figure.ts'

/** Every signal that reads text, as a policy would name them. */
const kinds = ['language', 'pii', 're_ask', 'domain', 'complexity', 'feedback', 'fact_check', 'jailbreak', 'hazard', 'injection'] as const

const sizes = [
  { tokens: 500, steps: 12, atMost: 10 },
  { tokens: 8000, steps: 4, atMost: 80 },
] as const

/**
 * All signals of texts at once, on steps that were never seen, after an answer; and how long the event loop was held meanwhile. The floor
 * is what the embedder takes for such a text alone, of which it reads some 200 words: one that asks it once cannot be much faster.
 */
export async function measureSignals({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  const own = createMiniLM()
  const embedded = { texts: 0, words: 0 }
  const embedder: Embedder = {
    id: own.id,
    dimensions: own.dimensions,
    runtime: undefined,
    embed(texts, options) {
      embedded.texts += texts.length
      for (const text of texts) embedded.words += text.split(/\s+/).length
      return own.embed(texts, options)
    },
    close: () => own.close(),
  }
  const figures: Figure[] = []
  let number = 0
  try {
    const signals = kinds.map((kind) => createSignal(kind, signalSchema.parse({ kind }) as SignalOptions, { pools: [], embedder }))
    await read(signals, textOf(100, number++))
    for (const { tokens, steps, atMost } of sizes) {
      const times: number[] = []
      const delays: number[] = []
      const alone: number[] = []
      const byName = new Map<string, number[]>()
      Object.assign(embedded, { texts: 0, words: 0 })
      for (let round = 1; round <= rounds; round += 1) {
        progress(`signals: ${tokens} tokens, round ${round} of ${rounds}`)
        const taken: number[] = []
        const delay = monitorEventLoopDelay({ resolution: 1 })
        delay.enable()
        for (let step = 0; step < steps; step += 1) {
          const startedAt = performance.now()
          const readings = await read(signals, textOf(tokens, number++))
          taken.push(performance.now() - startedAt)
          for (const { signal, ms } of readings) byName.set(signal, [...(byName.get(signal) ?? []), ms])
        }
        delay.disable()
        const texts = Array.from({ length: steps }, () => textOf(tokens, number++))
        alone.push(median(await timesOf(texts, (text) => own.embed([text], { priority: 'query' }))))
        times.push(median(taken))
        delays.push(delay.max / 1e6)
      }
      const slowest = [...byName].map(([name, ms]) => `${name} ${median(ms).toFixed(1)}`).join(', ')
      const count = rounds * steps
      figures.push(
        {
          what: `all ${kinds.length} signals of text, ${tokens} tokens, p50`,
          unit: 'ms',
          atMost,
          ...ofRounds(times),
          floor: { what: 'the embedder alone', measured: median(alone) },
          note: `embedded for a step ${(embedded.texts / count).toFixed(1)} texts, ${(embedded.words / count).toFixed(0)} words; ${slowest}`,
        },
        { what: `the same: longest hold of the event loop`, unit: 'ms', ...ofRounds(delays) },
      )
    }
  } finally {
    await embedder.close()
  }
  return figures
}

async function read(signals: readonly Signal[], text: string) {
  const said = (role: 'user' | 'assistant', words: string) => ({ role, content: [{ type: 'text' as const, text: words }] })
  const messages = [said('user', 'Look at the order, please.'), said('assistant', 'I have looked at it.'), said('user', text)]
  const step = createStep({ messages, inputTokens: 500, maxOutputTokens: 100, principal: 'local' })
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }
  const { readings, failures } = await readSignals(signals, step, { live })
  if (failures.length > 0) throw new Error(`Cannot measure ${failures[0]?.signal}: ${failures[0]?.error}`)
  return readings
}

const sentences = [
  'The customer wrote that order NUMBER has not arrived and that she will not wait any longer.',
  'Please look into the records of March and tell me which of the invoices are still open.',
  'Our colleague in Lyon moved the meeting, so the report has to be finished a day earlier.',
  'I tried to export the table twice, but the file that I got was empty both times.',
  'When the new version is installed, run the checks again and write down what fails.',
  'The supplier offers a discount of four percent if we pay within ten days.',
  'Nobody could say who had changed the settings of the printer in room NUMBER.',
  'Compare both drafts and mark each paragraph in which the meaning differs.',
]

/** About so many tokens of plain sentences, never twice the same. */
function textOf(tokens: number, number: number): string {
  const words: string[] = []
  for (let place = 0; words.length < tokens * 0.8; place += 1) {
    const sentence = (sentences[(place + number) % sentences.length] as string).replace('NUMBER', String(1000 + number * 97 + place))
    words.push(...`${sentence.slice(0, -1)} (${number}-${place}).`.split(' '))
  }
  return words.join(' ')
}
