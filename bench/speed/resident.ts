import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Figure, type MeasureOptions, median, ofRounds } from './figure.ts'
import { connect, createHome, hostedServer, hosting, program, untilHosted, untilIndexed } from './program.ts'

const idleMs = 30_000

/**
 * What the process holds 30 seconds after its last `find_tools`: with the built-in model loaded, and on an endpoint that is not
 * there, so that words are searched. Children are counted apart: they are the hosted servers' and the watchdog's.
 *
 * All rounds stand idle at the same time.
 */
export async function measureResident({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  progress(`resident: ${rounds} of each kind, idle for ${idleMs / 1000} s`)
  const kinds = {
    with: { tools: hosting(500) },
    without: { tools: hosting(500), embedder: { base_url: 'http://127.0.0.1:9/v1', model: 'none' } },
    empty: {},
  }
  const [withModel, without, empty, bare] = await Promise.all([
    oneByOne(rounds, () => residentOf(kinds.with, { tools: 500, semantic: true })),
    oneByOne(rounds, () => residentOf(kinds.without, { tools: 500, semantic: false })),
    oneByOne(rounds, () => residentOf(kinds.empty, { tools: 0, semantic: false })),
    oneByOne(rounds, bareResident),
  ])
  const floor = { what: 'bare server of the SDK', measured: median(bare) }
  const own = (runs: readonly Resident[]) => ofRounds(runs.map((run) => run.own))
  const notes = (runs: readonly Resident[]) =>
    `${median(runs.map((run) => run.afterWork)).toFixed(0)} MB right after the work; apart from it, ${runs[0]?.children.map(({ name, megabytes }) => `${name} ${megabytes.toFixed(0)} MB`).join(', ') || 'no child'}`
  return [
    {
      what: 'resident memory, idle, with embedder',
      unit: 'MB',
      atMost: 260,
      ...own(withModel),
      floor,
      note: `500 tools with their vectors; ${notes(withModel)}`,
    },
    {
      what: 'resident memory, idle, without embedder',
      unit: 'MB',
      atMost: 120,
      ...own(without),
      floor,
      note: `500 tools, found by words; ${notes(without)}`,
    },
    {
      what: 'resident memory, idle, embedded defaults',
      unit: 'MB',
      ...own(empty),
      floor,
      note: `no server, and so nothing to embed; ${notes(empty)}`,
    },
  ]
}

interface Resident {
  /** Right after the last answer, before the idle time. */
  afterWork: number
  own: number
  children: { name: string; megabytes: number }[]
}

/** The starts follow each other, the idle times overlap. */
async function oneByOne<Result>(rounds: number, start: () => Promise<{ idle: Promise<Result> }>): Promise<Result[]> {
  const idle: Promise<Result>[] = []
  for (let round = 0; round < rounds; round += 1) idle.push((await start()).idle)
  return Promise.all(idle)
}

async function residentOf(
  config: Record<string, unknown>,
  { tools, semantic }: { tools: number; semantic: boolean },
): Promise<{ idle: Promise<Resident> }> {
  const home = createHome()
  const { client, pid, close } = await connect([program, 'serve', '--no-share', '--config', home.configure(config)], home)
  if (semantic) await untilIndexed(client, tools)
  else await untilHosted(client, tools)
  const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need: 'look up the newest invoices' } })
  const { searched } = structuredContent as { searched: string }
  if (searched !== (semantic ? 'semantic' : 'lexical')) throw new Error(`find_tools searched in the other way: ${searched}`)
  const afterWork = megabytesOf(pid)
  const idle = async () => {
    await wait(idleMs)
    const children = childrenOf(pid).map((child) => ({ name: nameOf(child), megabytes: megabytesOf(child) }))
    const resident = { afterWork, own: megabytesOf(pid), children }
    await close()
    home[Symbol.dispose]()
    return resident
  }
  return { idle: idle() }
}

async function bareResident(): Promise<{ idle: Promise<number> }> {
  const home = createHome()
  const { client, pid, close } = await connect([hostedServer], home)
  await client.callTool({ name: 'echo', arguments: { text: 'there?' } })
  const idle = async () => {
    await wait(idleMs)
    const megabytes = megabytesOf(pid)
    await close()
    home[Symbol.dispose]()
    return megabytes
  }
  return { idle: idle() }
}

export function megabytesOf(pid: number): number {
  if (process.platform === 'linux') {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return (Number(kilobytes) * 1024) / 1e6
  }
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6
}

export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    return lines.map((line) => line.trim().split(/\s+/).map(Number)).flatMap(([child, parent]) => (parent === pid ? [child ?? 0] : []))
  }
  // A child belongs to the thread that started it.
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
}

function nameOf(pid: number): string {
  const words = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
  return words.find((word) => word.endsWith('.js')) !== undefined
    ? (words.find((word) => word.endsWith('.js')) ?? '').replace(/^.*[\\/]/, '')
    : (words[0] ?? '').replace(/^.*[\\/]/, '')
}
