import { median } from '../speed/figure.ts'
import type { Format } from './canned.ts'
import { type Extent, type LoadResult, load, type Workload } from './load.ts'
import { megabytesWithChildren } from './resident.ts'
import type { Rounds, Row, Target } from './table.ts'
import { direct, nginx, portkey, router1, router2, signalbox, startUpstream, type Way, type WayOptions } from './ways.ts'

/** What the client speaks, and what the upstream does. */
export const parts = {
  chat: { client: 'chat', provider: 'chat' },
  messages: { client: 'messages', provider: 'messages' },
  crossed: { client: 'messages', provider: 'chat' },
} as const satisfies Record<string, { client: Format; provider: Format }>
export type Part = keyof typeof parts

export interface RoundsOptions {
  readonly part: Part
  readonly rounds: number
  /** A factor on how many requests there are. */
  readonly effort: number
  /** Names of ways; all unless given. */
  readonly ways?: readonly string[] | undefined
  progress(text: string): void
}

export const ways: Readonly<Record<string, (options: WayOptions) => Promise<Way>>> = {
  direct,
  nginx,
  portkey,
  'ccr-1': router1,
  'ccr-2': router2,
  signalbox,
}

interface Measure {
  readonly what: string
  readonly unit: string
  readonly better: Row['better']
  readonly target?: Target
  readonly workload: Omit<Workload, 'format'>
  readonly connections: number
  readonly extent: Extent
  /** Less what the direct way took in the same round. */
  readonly added?: boolean
  value(result: LoadResult): number
}

const p50 = ({ times }: LoadResult) => median(times)
const perSecond = ({ times, elapsedMs }: LoadResult) => (times.length / elapsedMs) * 1000

function measures(effort: number): Measure[] {
  const requests = (count: number): Extent => ({ requests: Math.max(5, Math.round(count * effort)) })
  const time = (ms: number): Extent => ({ ms: ms * effort })
  const quick = { task: 'quick' } as const
  const ms = { unit: 'ms', better: 'less', added: true } as const
  const rate = { unit: '/s', better: 'more', connections: 16, value: perSecond } as const
  const small = { ...quick, size: 'small' } as const
  const agent = { ...quick, size: 'agent' } as const
  return [
    {
      ...ms,
      what: 'added p50, small body',
      target: { atMost: 0.5, timesBest: 1 },
      workload: small,
      connections: 1,
      extent: requests(300),
      value: p50,
    },
    {
      ...ms,
      what: 'added p50, agent body',
      target: { atMost: 1.5, timesBest: 1 },
      workload: agent,
      connections: 1,
      extent: requests(100),
      value: p50,
    },
    { ...rate, what: 'requests a second, small body, c=16', target: { timesBest: 1.5 }, workload: small, extent: time(2000) },
    { ...rate, what: 'requests a second, agent body, c=16', target: { timesBest: 1.5 }, workload: agent, extent: time(3000) },
    {
      ...ms,
      what: 'added time to first text, small body',
      target: { atMost: 1 },
      workload: { ...small, stream: true },
      connections: 1,
      extent: requests(100),
      value: ({ firstText }) => median(firstText),
    },
    {
      ...ms,
      what: 'added time to first text, agent body',
      workload: { ...agent, stream: true },
      connections: 1,
      extent: requests(50),
      value: ({ firstText }) => median(firstText),
    },
    {
      ...ms,
      what: 'added to a stream of 300 pieces',
      target: { timesBest: 1 },
      workload: { task: 'long', size: 'small', stream: true },
      connections: 1,
      extent: requests(30),
      value: p50,
    },
    {
      ...rate,
      what: 'streams of 300 pieces a second, c=16',
      target: { timesBest: 1 },
      workload: { task: 'long', size: 'small', stream: true },
      extent: time(2000),
    },
  ]
}

/** All measures of one format; in each round every way takes its turn on each. What cannot be started is left out with a word. */
export async function measureRounds(options: RoundsOptions): Promise<{ rows: Row[]; ways: string[] }> {
  const { part, rounds, effort, progress } = options
  const { client, provider } = parts[part]
  const upstream = await startUpstream()
  const open: Way[] = []
  try {
    for (const name of options.ways ?? Object.keys(ways)) {
      try {
        const way = await ways[name]?.({ client, provider, upstream: upstream.port })
        if (way !== undefined) open.push(way)
      } catch (error) {
        progress(`${part}: ${name} is left out: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    const all = measures(effort)
    const found = all.map(
      () => new Map<string, { values: number[]; errors: string[] }>(open.map(({ name }) => [name, { values: [], errors: [] }])),
    )
    for (const way of open) {
      progress(`${part}: warming ${way.name} up`)
      for (const { workload, connections } of all)
        await load(way, { ...workload, format: client }, connections, { ms: 1500 * Math.min(1, effort) })
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, measure] of all.entries()) {
        progress(`${part}: round ${round + 1} of ${rounds}, ${measure.what}`)
        await takeTurns(measure, turned(open, round), client, found[index] ?? new Map())
      }
    }
    const rows = all.map(
      ({ what, unit, better, target }, index): Row => ({
        what: `${what} (${part})`,
        unit,
        better,
        target,
        rounds: found[index] ?? new Map(),
      }),
    )
    return { rows: [...rows, residentRow(open, part)], ways: open.map(({ name }) => name) }
  } finally {
    await Promise.all(open.map((way) => way.close()))
    upstream.close()
  }
}

async function takeTurns(
  measure: Measure,
  open: readonly Way[],
  format: Format,
  found: Map<string, { values: number[]; errors: string[] }>,
): Promise<void> {
  const results = new Map<string, LoadResult>()
  for (const way of open) results.set(way.name, await load(way, { ...measure.workload, format }, measure.connections, measure.extent))
  const floor = results.get('direct')
  const base = measure.added === true && floor !== undefined ? measure.value(floor) : 0
  for (const [name, result] of results) {
    found.get(name)?.errors.push(...result.errors)
    // Of the direct way the whole is told, since it adds nothing.
    if (result.errors.length === 0) found.get(name)?.values.push(measure.value(result) - (name === 'direct' ? 0 : base))
  }
}

function residentRow(open: readonly Way[], part: Part): Row {
  const found = open.flatMap(({ name, child }): [string, Rounds][] =>
    child?.pid === undefined ? [] : [[name, { values: [megabytesWithChildren(child.pid)], errors: [] }]],
  )
  return { what: `resident memory after it (${part})`, unit: 'MB', better: 'less', target: { atMost: 150 }, rounds: new Map(found) }
}

/** So that no way always comes after the same one. */
function turned<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % Math.max(1, items.length)
  return [...items.slice(at), ...items.slice(0, at)]
}
