import { join } from 'node:path'
import { createRecall, createThreads, openSqliteStore, type Store } from '../../memory/index.ts'
import { createMiniLM, withCache } from '../../models/local/index.ts'
import { type Figure, type MeasureOptions, median, ofRounds, timesOf } from './figure.ts'
import { createHome } from './program.ts'

const turns = 10_000
const turnsPerWrite = 200
const callsPerRound = 100

/**
 * A turn appended to a thread of 10,000, until it is durable, and a recall over them, with its query embedded.
 *
 * The turns' own vectors are random: what a comparison costs does not depend on them.
 */
export async function measureMemory({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  using home = createHome()
  const store = await openSqliteStore({ path: join(home.folder, 'memory.db') })
  const embedder = withCache(createMiniLM(), store.vectors)
  try {
    const random = seeded(1)
    const estimateTokens = (text: string) => Math.ceil(text.length / 4)
    const threads = createThreads(store, { estimateTokens })
    const { thread } = await threads.open('local', 'bench')
    progress(`memory: writing ${turns} turns`)
    for (let done = 0; done < turns; done += turnsPerWrite) {
      await threads.append(
        'local',
        thread,
        Array.from({ length: turnsPerWrite }, () => turnOf(sentence(random, 40))),
      )
    }
    await giveVectors(store, embedder.id, random)
    const recall = createRecall(store, { embedder, estimateTokens })

    const append = () => threads.append('local', thread, [turnOf(sentence(random, 40))])
    const ask = async (query: string) => {
      const { items } = await recall.recall('local', { query })
      if (items.length === 0) throw new Error(`recall must find something for "${query}"`)
    }
    const embed = (query: string) => embedder.embed([query], { priority: 'query' })
    const queries = (count: number) => Array.from({ length: count }, () => `${sentence(random, 10)}?`)
    const calls = (count: number) => Array.from({ length: count }, () => undefined)

    await timesOf(calls(20), append)
    await timesOf(queries(20), ask)
    const times = { append: [] as number[], recall: [] as number[], embed: [] as number[] }
    for (let round = 1; round <= rounds; round += 1) {
      progress(`memory: round ${round} of ${rounds}`)
      times.append.push(median(await timesOf(calls(callsPerRound), append)))
      times.recall.push(median(await timesOf(queries(callsPerRound), ask)))
      times.embed.push(median(await timesOf(queries(callsPerRound), embed)))
    }
    return [
      { what: 'one turn appended to a thread of 10,000, p50', unit: 'ms', atMost: 1, ...ofRounds(times.append) },
      {
        what: 'recall over 10,000 turns, p50',
        unit: 'ms',
        atMost: 15,
        ...ofRounds(times.recall),
        floor: { what: 'embedding the query alone', measured: median(times.embed) },
      },
    ]
  } finally {
    await embedder.close()
    await store.close()
  }
}

async function giveVectors({ documents }: Store, embedder: string, random: () => number): Promise<void> {
  for (;;) {
    const missing = await documents.withoutVector(embedder, 500)
    if (missing.length === 0) return
    await documents.setVectors(
      embedder,
      missing.map(({ key }) => ({ key, vector: unitVector(random) })),
    )
  }
}

function turnOf(text: string) {
  return { role: 'user', content: [{ type: 'text', text }], trust: 'known' } as const
}

const common = ['the', 'of', 'and', 'to', 'in', 'is', 'we', 'it', 'that', 'for']
const rare = Array.from({ length: 8000 }, (_, index) => [index, index * 7 + 3, index * 13 + 5].map(syllable).join(''))

/** Words of a language are far from equally frequent. */
function sentence(random: () => number, words: number): string {
  const pick = (list: readonly string[], share: number) => list[Math.floor(share * list.length)] ?? ''
  return Array.from({ length: words }, () => (random() < 0.4 ? pick(common, random()) : pick(rare, random() ** 3))).join(' ')
}

function syllable(number: number): string {
  return `${'bdfgklmnprstvz'[number % 14]}${'aeiou'[Math.floor(number / 14) % 5]}`
}

function unitVector(random: () => number): Float32Array {
  const vector = Float32Array.from({ length: 384 }, () => random() - 0.5)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function seeded(state: number): () => number {
  let value = state
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    return value / 2 ** 32
  }
}
