import type { Embedder } from '../../models/embedder.ts'
import { createStep, readSignals } from '../../policies/index.ts'
import { createSignal, type SignalOptions, signalSchema } from '../../policies/signals/kinds.ts'
import { read, string } from '../tool-search/data.ts'
import { row } from './figures.ts'

const texts = 200

/** Each kind by itself over short texts: with the vector of the text, and where another signal of the step has made it. */
export async function benchSignalSpeed(embedder: Embedder): Promise<void> {
  const asked = read('banking77/test.jsonl').map((one) => string(one['text']))
  const byIntent = Map.groupBy(read('banking77/train_20.jsonl').slice(0, 200), (one) => string(one['intent']))
  const examples = Object.fromEntries([...byIntent].map(([intent, ones]) => [intent, ones.map((one) => string(one['text']))]))
  const kinds: [string, unknown][] = [
    ['embedding, max, 200 examples', { kind: 'embedding', aggregation: 'max', examples }],
    ['embedding, learned, 200 examples', { kind: 'embedding', aggregation: 'learned', examples }],
    ['domain', { kind: 'domain' }],
    ['complexity, examples', { kind: 'complexity' }],
    ['complexity, outcomes', { kind: 'complexity', by: 'outcomes' }],
    ['feedback', { kind: 'feedback' }],
    ['fact_check', { kind: 'fact_check' }],
  ]
  row('ms a step, p50', '', 'new text', 'known', '')
  let at = 0
  for (const [name, options] of kinds) {
    const signal = createSignal('s', signalSchema.parse(options) as SignalOptions, { pools: [], embedder })
    await time(signal, 'a text to begin with')
    const [fresh, known]: [number[], number[]] = [[], []]
    for (let count = 0; count < texts; count += 1) {
      const text = `${asked[at % asked.length]} ${at}`
      at += 1
      fresh.push(await time(signal, text))
      known.push(await time(signal, text))
    }
    row(name, '', median(fresh), median(known), name === 'domain' ? '<= 3' : '')
  }
}

async function time(signal: ReturnType<typeof createSignal>, text: string): Promise<number> {
  const said = (role: 'user' | 'assistant', words: string) => ({ role, content: [{ type: 'text' as const, text: words }] })
  const messages = [said('user', 'Hello'), said('assistant', 'Hello.'), said('user', text)]
  const step = createStep({ messages, inputTokens: 100, maxOutputTokens: 100, principal: 'local' })
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }
  const startedAt = performance.now()
  const { failures } = await readSignals([signal], step, { live })
  const ms = performance.now() - startedAt
  if (failures.length > 0) throw new Error(failures[0]?.error)
  return ms
}

function median(numbers: readonly number[]): string {
  return (numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN).toFixed(2)
}
