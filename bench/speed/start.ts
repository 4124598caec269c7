import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Figure, type MeasureOptions, median, ofRounds } from './figure.ts'
import { createHome, type Home, hostedServer, hosting, program, speakTo } from './program.ts'

const info = { name: 'bench', version: '1.0.0' }
const requests = {
  initialize: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info },
  'server/discover': {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': info,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
}
type Method = keyof typeof requests

const runsPerRound = 5

/**
 * From the start of a process to its first answer. The request is sent at once: a client does not wait either.
 *
 * Each run is a new process; all kinds take turns, so that a disturbance meets all of them.
 */
export async function measureStart({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  using plain = createHome()
  using configured = createHome()
  const config = configured.configure({
    providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
    pools: { quick: { models: ['local/small'], expose: true } },
    tools: hosting(1),
  })
  const answer = (args: readonly string[], home: Home, method: Method) => () => firstAnswer(args, home, method)
  const kinds = {
    'node -e 0': () => untilEnd(['-e', '0'], plain),
    'bare initialize': answer([hostedServer], plain, 'initialize'),
    'bare server/discover': answer([hostedServer], plain, 'server/discover'),
    'defaults initialize': answer([program], plain, 'initialize'),
    'defaults server/discover': answer([program], plain, 'server/discover'),
    'configured initialize': answer([program, '--config', config], configured, 'initialize'),
    'configured server/discover': answer([program, '--config', config], configured, 'server/discover'),
    'defaults tools/list': () => firstTools([program], plain),
  }
  type Kind = keyof typeof kinds
  const names = Object.keys(kinds) as Kind[]
  const times = new Map<Kind, number[]>(names.map((name) => [name, []]))

  // The first of each reads the files from the disk, makes the data folder and learns the server.
  for (const name of names) await kinds[name]()
  for (let round = 1; round <= rounds; round += 1) {
    progress(`start: round ${round} of ${rounds}`)
    const ofRound = new Map<Kind, number[]>(names.map((name) => [name, []]))
    for (let run = 0; run < runsPerRound; run += 1) {
      for (const name of names) ofRound.get(name)?.push(await kinds[name]())
    }
    for (const name of names) times.get(name)?.push(median(ofRound.get(name) ?? []))
  }

  const timesOf = (name: Kind) => times.get(name) ?? []
  const bare = (method: Method) => ({ what: `bare server of the SDK, ${method}`, measured: median(timesOf(`bare ${method}`)) })
  const figure = (how: 'defaults' | 'configured', method: Method): Figure => ({
    what: `start to answered ${method}, ${how === 'defaults' ? 'embedded defaults' : 'one pool and one server'}`,
    unit: 'ms',
    atMost: 400,
    ...ofRounds(timesOf(`${how} ${method}`)),
    floor: bare(method),
  })
  return [
    figure('defaults', 'initialize'),
    figure('defaults', 'server/discover'),
    figure('configured', 'initialize'),
    figure('configured', 'server/discover'),
    {
      what: 'start to answered tools/list, embedded defaults',
      unit: 'ms',
      ...ofRounds(timesOf('defaults tools/list')),
      floor: { what: 'node -e 0', measured: median(timesOf('node -e 0')) },
      note: 'initialize and tools/list sent together; the first request that waits for the database and the pools',
    },
  ]
}

async function firstAnswer(args: readonly string[], home: Home, method: Method): Promise<number> {
  const start = performance.now()
  const spoken = speakTo(args, home)
  await spoken.ask({ jsonrpc: '2.0', id: 1, method, params: requests[method] })
  const time = performance.now() - start
  await spoken.end()
  return time
}

async function firstTools(args: readonly string[], home: Home): Promise<number> {
  const start = performance.now()
  const spoken = speakTo(args, home)
  const initialized = spoken.ask({ jsonrpc: '2.0', id: 1, method: 'initialize', params: requests.initialize })
  const listed = spoken.ask({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} })
  await Promise.all([initialized, listed])
  const time = performance.now() - start
  await spoken.end()
  return time
}

async function untilEnd(args: readonly string[], home: Home): Promise<number> {
  const start = performance.now()
  await once(spawn(process.execPath, args, { env: home.env, stdio: 'ignore' }), 'exit')
  return performance.now() - start
}
