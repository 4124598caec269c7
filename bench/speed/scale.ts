import type { Client } from '@modelcontextprotocol/client'
import { createMiniLM } from '../../models/local/index.ts'
import { type Figure, type MeasureOptions, median, ofRounds, quantile, timesOf } from './figure.ts'
import { connect, createHome, type Home, hostedServer, program, speakTo, untilIndexed } from './program.ts'
import { childrenOf, megabytesOf } from './resident.ts'
import { needOf } from './tools.js'

const servers = 20
const toolsOfEach = 500
const needsPerRound = 200

/** Ten thousand tools of twenty servers: asking for some of them, what they take in memory, and the next start with them. */
export async function measureScale({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  using home = createHome()
  progress('scale: twenty servers with one tool each')
  const small = await hosting(home, 1)
  const withoutTools = await small.settledMegabytes()
  await small.close()

  using largeHome = createHome()
  progress('scale: indexing 10,000 tools, which takes minutes')
  const large = await hosting(largeHome, toolsOfEach)
  const found: number[][] = []
  const embedding: number[][] = []
  const embedder = createMiniLM()
  let number = 0
  const nextNeeds = () => Array.from({ length: needsPerRound }, () => needOf(number++))
  const embed = (need: string) => embedder.embed([need], { priority: 'query' })
  let withTools: number
  try {
    for (const way of [large.find, embed]) await timesOf(nextNeeds(), way)
    for (let round = 1; round <= rounds; round += 1) {
      progress(`scale: round ${round} of ${rounds}`)
      found.push(await timesOf(nextNeeds(), large.find))
      embedding.push(await timesOf(nextNeeds(), embed))
    }
    withTools = await large.settledMegabytes()
  } finally {
    await Promise.all([embedder.close(), large.close()])
  }

  const starts: { ms: number; computed: number; searched: string }[] = []
  const smallStarts: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`scale: start ${round} of ${rounds}`)
    smallStarts.push((await firstAnswer(small.config, home, 'say a text again')).ms)
    const first = await firstAnswer(large.config, largeHome, 'look up the newest invoices')
    starts.push({ ...first, computed: await newVectors(large.config, largeHome) })
  }
  const at = (share: number, times: readonly number[][]) => ofRounds(times.map((one) => quantile(one, share)))
  const figure = (name: 'p50' | 'p99', atMost: number): Figure => {
    const share = name === 'p50' ? 0.5 : 0.99
    return {
      what: `find_tools over 10,000 tools, warm, ${name}, client over stdio`,
      unit: 'ms',
      atMost,
      ...at(share, found),
      floor: { what: 'embedding the need alone', measured: at(share, embedding).measured },
    }
  }
  return [
    figure('p50', 12),
    figure('p99', 40),
    {
      what: 'memory for 10,000 tools',
      unit: 'MB',
      atMost: 120,
      measured: withTools - withoutTools,
      note: `${withTools.toFixed(0)} MB resident beside ${withoutTools.toFixed(0)} MB with one tool of each of the twenty servers, both with the embedder loaded and idle for 30 s`,
    },
    {
      what: 'vectors computed at a start with 10,000 known tools',
      unit: '',
      atMost: 0,
      ...ofRounds(starts.map(({ computed }) => computed)),
    },
    {
      what: 'start with 10,000 known tools to the first answer of find_tools',
      unit: 'ms',
      atMost: 1000,
      ...ofRounds(starts.map(({ ms }) => ms)),
      floor: { what: 'the same with one tool of each server', measured: ofRounds(smallStarts).measured },
      note: `the first answers were searched ${[...new Set(starts.map(({ searched }) => searched))].join(', ')}; median ${median(starts.map(({ ms }) => ms)).toFixed(0)} ms`,
    },
  ]
}

async function hosting(home: Home, tools: number) {
  const config = home.configure({
    tools: Object.fromEntries(
      Array.from({ length: servers }, (_, index) => [`bench${index}`, { command: process.execPath, args: [hostedServer, String(tools)] }]),
    ),
  })
  const { client, pid, close } = await connect([program, '--config', config], home)
  await untilIndexed(client, servers * tools, 1_800_000)
  const find = async (need: string) => {
    const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need } })
    const { searched } = structuredContent as { searched: string }
    if (searched !== 'semantic') throw new Error(`find_tools must search by meaning, it said ${searched}`)
  }
  return {
    config,
    find,
    close,
    async settledMegabytes() {
      await find('look up the newest invoices')
      await new Promise((resolve) => setTimeout(resolve, 30_000))
      // The client's own process holds next to nothing: its child is the instance, whose children are the hosted servers.
      return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + megabytesOf(one), 0)
    },
  }
}

/** From the spawn of the process to the answer of `find_tools`, which is asked at once. */
async function firstAnswer(config: string, home: Home, need: string) {
  const start = performance.now()
  const spoken = speakTo([program, '--config', config], home)
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } }
  const greeted = spoken.ask({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  const answered = spoken.ask({
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'find_tools', arguments: { need } },
  })
  await greeted
  const result = (await answered)['result'] as { structuredContent: { searched: string; tools: unknown[] } }
  const ms = performance.now() - start
  if (result.structuredContent.tools.length === 0) throw new Error('The first answer of find_tools must name tools')
  await spoken.end()
  return { ms, searched: result.structuredContent.searched }
}

/** How many vectors a whole start adds to the cache. */
async function newVectors(config: string, home: Home): Promise<number> {
  const { client, close } = await connect([program, '--config', config], home)
  try {
    const before = await cachedVectors(client)
    await untilIndexed(client, servers * toolsOfEach)
    return (await cachedVectors(client)) - before
  } finally {
    await close()
  }
}

async function cachedVectors(client: Client): Promise<number> {
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
  return (structuredContent as { memory: { counts: { cachedVectors: number } } }).memory.counts.cachedVectors
}
