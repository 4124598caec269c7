import { homedir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openSignalbox } from '../../src/box.ts'
import type { CallContext } from '../../src/caller.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/log.ts'
import { needOf } from './tools.js'

/*
 * One start of Signalbox with the configuration that its argument names: prints, as JSON, what the indexing of its tools cost.
 * It is asked for tools all the while, as by an agent that cannot wait.
 */

export interface IndexingReport {
  /** From the catalogue, with the tools in it, to the last vector. */
  readonly ms: number
  readonly tools: number
  /** Vectors in the cache before and after: what is new was computed. */
  readonly vectors: readonly [number, number]
  /** What ran, or that nothing was loaded. */
  readonly runtime: string
  /** Of `find_tools` while vectors were missing: how each was answered, and how long it took. */
  readonly answers: readonly { readonly searched: string; readonly ms: number }[]
  readonly longestDelayMs: number
}

const context: CallContext = {
  caller: { principal: 'local', roles: ['owner'], door: 'cli', capabilities: {} },
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
}

const config = await loadConfig({
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  platform: process.platform,
  path: process.argv[2],
})
const signalbox = await openSignalbox(config, { log: createLog({ level: 'error', stream: process.stderr }) })
const known = signalbox.host.catalogue().tools.length > 0
const catalogue = Promise.withResolvers<number>()
if (known) catalogue.resolve(performance.now())
else signalbox.host.onChange(() => catalogue.resolve(performance.now()))
const vectorsBefore = (await status()).memory.counts.cachedVectors
const since = await catalogue.promise
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

const answers: { searched: string; ms: number }[] = []
let number = 0
let state = await status()
while (state.tools.embedded < state.tools.hosted) {
  const asked = performance.now()
  const { searched } = await run('find_tools', { need: needOf(number++) })
  answers.push({ searched: String(searched), ms: performance.now() - asked })
  await new Promise((resolve) => setTimeout(resolve, 20))
  state = await status()
}
const report: IndexingReport = {
  ms: performance.now() - since,
  tools: state.tools.hosted,
  vectors: [vectorsBefore, state.memory.counts.cachedVectors],
  runtime: state.embedder.runtime ?? 'not loaded',
  answers,
  longestDelayMs: delay.max / 1e6,
}
delay.disable()
await signalbox.close()
process.stdout.write(JSON.stringify(report))

interface Status {
  tools: { hosted: number; embedded: number }
  embedder: { runtime?: string | undefined }
  memory: { counts: { cachedVectors: number } }
}

async function status(): Promise<Status> {
  return (await run('status', {})) as unknown as Status
}

async function run(name: string, input: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>> {
  const operation = signalbox.operations({ roles: ['owner'] }).find((one) => one.name === name)
  const result = await operation?.run(operation.input.parse(input) as never, context)
  if (result?.kind !== 'done' || result.structured === undefined) throw new TypeError(`${name} must be done with fields`)
  return result.structured
}
