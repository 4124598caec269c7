import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRecall, createThreads, openSqliteStore, type Store } from '../memory/index.ts'
import type { Embedder } from '../models/embedder.ts'

/**
 * What memory adds to a step, on threads of 1,000 turns in a file: the time until an appended turn is durable, and the time of a recall
 * whose query has its vector already. Medians of several rounds; `processor` is the mean time of the processor, which others do not disturb. `--turns=10000` for one size alone.
 */

const turnsPerThread = 1000
const rounds = 5
const callsPerRound = 100
const dimensions = 384
const goals = new Map([
  [10_000, 15],
  [100_000, 25],
])

const vocabulary = Array.from({ length: 8_000 }, (_, index) => `${syllable(index)}${syllable(index * 7 + 3)}${syllable(index * 13 + 5)}`)
const { values } = parseArgs({ options: { turns: { type: 'string', multiple: true } } })
for (const turns of values.turns?.map(Number) ?? goals.keys()) await run(turns)

async function run(turns: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
  const store = await openSqliteStore({ path: join(folder, 'memory.db') })
  try {
    const random = seeded(1)
    const estimateTokens = (text: string) => Math.ceil(text.length / 4)
    const threads = createThreads(store, { estimateTokens })
    let thread = ''
    for (let done = 0; done < turns; done += 200) {
      if (done % turnsPerThread === 0) thread = (await threads.open('local', `bench ${done}`)).thread
      await threads.append(
        'local',
        thread,
        Array.from({ length: 200 }, () => turnOf(sentence(random))),
      )
    }
    await giveVectors(store, random)
    const recall = createRecall(store, { embedder: standIn(random), estimateTokens })

    const appends = await measure(() => threads.append('local', thread, [turnOf(sentence(random))]))
    const recalls = await measure(() => recall.recall('local', { query: question(random) }))
    const within = await measure(() => recall.recall('local', { query: question(random), scope: 'thread', thread }))
    const { bytes } = await store.info()

    console.log(
      `${turns.toLocaleString('en')} turns with sentences, ${(bytes / 1e6).toFixed(0)} MB, ${rounds} rounds of ${callsPerRound}, milliseconds`,
    )
    const atMost = goals.get(turns)
    console.table({
      'append one turn': { ...appends, 'p50 at most': 1 },
      'recall, all of the caller': { ...recalls, 'p50 at most': atMost },
      'recall, within one thread': { ...within, 'p50 at most': atMost },
    })
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

async function measure(call: () => Promise<unknown>): Promise<{ p50: number; p99: number; processor: number }> {
  for (let index = 0; index < 20; index += 1) await call()
  const before = process.cpuUsage()
  const results: { p50: number; p99: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const times: number[] = []
    for (let index = 0; index < callsPerRound; index += 1) {
      const start = performance.now()
      await call()
      times.push(performance.now() - start)
    }
    results.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) })
  }
  const { user, system } = process.cpuUsage(before)
  return {
    processor: round((user + system) / 1000 / (rounds * callsPerRound)),
    p50: round(
      quantile(
        results.map((one) => one.p50),
        0.5,
      ),
    ),
    p99: round(
      quantile(
        results.map((one) => one.p99),
        0.5,
      ),
    ),
  }
}

async function giveVectors({ documents }: Store, random: () => number): Promise<void> {
  for (;;) {
    const missing = await documents.withoutVector('bench', 500)
    if (missing.length === 0) return
    await documents.setVectors(
      'bench',
      missing.map(({ key }) => ({ key, vector: unitVector(random), sentences: [unitVector(random), unitVector(random)] })),
    )
  }
}

/** Its vectors cost nothing, so that what is measured is memory alone. */
function standIn(random: () => number): Embedder {
  return {
    id: 'bench',
    dimensions,
    runtime: 'bench',
    embed: async (texts) => texts.map(() => unitVector(random)),
    close: async () => {},
  }
}

function turnOf(text: string) {
  return { role: 'user', content: [{ type: 'text', text }], trust: 'known' } as const
}

function sentence(random: () => number): string {
  const common = ['the', 'of', 'and', 'to', 'in', 'is', 'we', 'it', 'that', 'for']
  // Words of a language are far from equally frequent.
  const word = () =>
    random() < 0.4 ? common[Math.floor(random() * common.length)] : vocabulary[Math.floor(random() ** 3 * vocabulary.length)]
  return Array.from({ length: 40 }, word).join(' ')
}

function question(random: () => number): string {
  return `${sentence(random).split(' ').slice(0, 10).join(' ')}?`
}

function unitVector(random: () => number): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function syllable(number: number): string {
  return `${'bdfgklmnprstvz'[number % 14]}${'aeiou'[Math.floor(number / 14) % 5]}`
}

function seeded(state: number): () => number {
  let value = state
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    return value / 2 ** 32
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
