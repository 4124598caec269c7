import { createMiniLM } from '../../models/local/index.ts'
import { openSignalbox } from '../../src/box.ts'
import type { CallContext } from '../../src/caller.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/log.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { type Figure, type MeasureOptions, ofRounds, quantile, timesOf } from './figure.ts'
import { connect, createHome, type Home, hosting, program, untilIndexed } from './program.ts'
import { needOf } from './tools.js'

const needsPerRound = 200

/** `find_tools` over 500 tools with a need that was never asked before: by a client over stdio, and without any protocol. */
export async function measureFindTools({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  using home = createHome()
  const config = home.configure({ tools: hosting(500) })
  const connected = await connect([program, '--config', config], home)
  const overStdio: number[][] = []
  const inProcess: number[][] = []
  const embedding: number[][] = []
  const embedder = createMiniLM()
  let number = 0
  const nextNeeds = () => Array.from({ length: needsPerRound }, () => needOf(number++))
  try {
    progress('find_tools: indexing')
    await untilIndexed(connected.client, 500)
    const signalbox = await openAgain(config, home)
    try {
      const find = signalbox.operations({ roles: ['owner'] }).find((one) => one.name === 'find_tools')
      if (find === undefined) throw new TypeError('There is no operation find_tools')
      const byClient = async (need: string) => {
        const { structuredContent } = await connected.client.callTool({ name: 'find_tools', arguments: { need } })
        requireSemantic(structuredContent)
      }
      const byOperation = async (need: string) => {
        const result = await find.run(find.input.parse({ need }) as never, context)
        requireSemantic(result.kind === 'done' ? result.structured : undefined)
      }
      const embed = (need: string) => embedder.embed([need], { priority: 'query' })
      for (const way of [byClient, byOperation, embed]) await timesOf(nextNeeds(), way)
      for (let round = 1; round <= rounds; round += 1) {
        progress(`find_tools: round ${round} of ${rounds}`)
        overStdio.push(await timesOf(nextNeeds(), byClient))
        inProcess.push(await timesOf(nextNeeds(), byOperation))
        embedding.push(await timesOf(nextNeeds(), embed))
      }
    } finally {
      await signalbox.close()
    }
  } finally {
    await embedder.close()
    await connected.close()
  }
  const at = (share: number, times: readonly number[][]) => ofRounds(times.map((one) => quantile(one, share)))
  const figure = (name: 'p50' | 'p99', how: string, times: readonly number[][]): Figure => {
    const share = name === 'p50' ? 0.5 : 0.99
    return {
      what: `find_tools over 500 tools, warm, ${name}, ${how}`,
      unit: 'ms',
      atMost: name === 'p50' ? 5 : 20,
      ...at(share, times),
      floor: { what: 'embedding the need alone', measured: at(share, embedding).measured },
    }
  }
  return [
    figure('p50', 'client over stdio', overStdio),
    figure('p99', 'client over stdio', overStdio),
    figure('p50', 'in process', inProcess),
    figure('p99', 'in process', inProcess),
  ]
}

const context: CallContext = {
  caller: { principal: 'local', roles: ['owner'], door: 'cli', capabilities: {} },
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
}

/** On the same data as the program under test, and so with its vectors. */
async function openAgain(path: string, home: Home): Promise<Signalbox> {
  const config = await loadConfig({ env: home.env, cwd: home.folder, home: home.folder, platform: process.platform, path })
  return openSignalbox(config, { log: createLog({ level: 'error', stream: process.stderr }) })
}

function requireSemantic(structured: unknown): void {
  const searched = (structured as { searched?: string } | undefined)?.searched
  if (searched !== 'semantic') throw new Error(`find_tools must search by meaning, it said ${searched}`)
}
