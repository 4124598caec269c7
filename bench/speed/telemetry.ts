import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createMeter } from '../../src/telemetry/meter.ts'
import { mcpDuration } from '../../src/telemetry/metrics.ts'
import { offTracer } from '../../src/telemetry/tracer.ts'
import { type Figure, type MeasureOptions, median, ofRounds } from './figure.ts'
import { connect, createHome, type Home, hosting, program, untilHosted } from './program.ts'

const upstream = fileURLToPath(new URL('./upstream.js', import.meta.url))
/** The ways take turns so often that what else goes on meets both. */
const turns = 8
const callsPerTurn = 100
const warmUp = 400
/** Spans are sent a second after the first of them. */
const sentMs = 1200

/** One running program, and one call of it. */
interface Way {
  readonly pid: number
  call(): Promise<unknown>
  close(): Promise<void>
}

/**
 * What spans cost that are recorded and sent, in processor time of Signalbox itself: neither the client, nor the model, nor the
 * collector counts. And what is left of them where they are off.
 */
export async function measureTelemetry({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  const left = ofRounds(Array.from({ length: rounds }, nothingRecorded))
  const off: Figure = {
    what: 'one span that is off and one count that is on',
    unit: 'µs',
    ...left,
    note: 'a call of call_tool passes 2 such spans and 4 counts, a step of one attempt 7 and some 20',
  }
  if (!existsSync('/proc/self/schedstat')) return [{ ...off, note: 'what spans cost is measured on Linux alone' }]
  using offHome = createHome()
  using onHome = createHome()
  const other = await startUpstream()
  try {
    const homes = { off: { home: offHome, telemetry: {} }, on: { home: onHome, telemetry: { otlp: other.url } } } as const
    const tools = await compare('call_tool', { rounds, progress }, (way) => overStdio(homes[way].home, { ...homes[way].telemetry }))
    const steps = await compare('a step', { rounds, progress }, (way) => overHttp(homes[way].home, { ...homes[way].telemetry }, other.url))
    const recorded = await compareRecorded({ rounds, progress }, onHome, { ...homes.on.telemetry })
    return [off, tools, recorded, steps]
  } finally {
    other.child.kill()
  }
}

/**
 * Two processes that do the same differ by more than spans may cost. So the same is measured in one: a caller says with each call
 * whether its trace is recorded. What was recorded is waited for, so that the calls pay for being sent that caused it.
 */
async function compareRecorded(options: MeasureOptions, home: Home, telemetry: Record<string, unknown>): Promise<Figure> {
  const caller = (flags: string) => ({ traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}` })
  const { pid, call, close } = await overStdio(home, telemetry)
  try {
    const way = (flags: string): Way => ({ pid, call: () => call(caller(flags)), close: async () => undefined })
    const ways = { off: way('00'), on: way('01') }
    const figure = await compare('call_tool', options, async (name) => ways[name], sentMs)
    return { ...figure, what: 'a trace recorded beside one that is not, call_tool in one process, processor time added' }
  } finally {
    await close()
  }
}

async function compare(
  what: string,
  { rounds, progress }: MeasureOptions,
  open: (way: 'off' | 'on') => Promise<Way>,
  restMs = 0,
): Promise<Figure> {
  await using opened = new AsyncDisposableStack()
  const start = async (name: 'off' | 'on') => {
    const way = await open(name)
    opened.defer(way.close)
    return way
  }
  const [off, on] = [await start('off'), await start('on')]
  const shares: number[] = []
  const times = { off: [] as number[], on: [] as number[] }
  for (const way of [off, on]) await repeat(way, warmUp)
  for (let round = 1; round <= rounds; round += 1) {
    progress(`telemetry, ${what}: round ${round} of ${rounds}`)
    const took = { off: 0, on: 0 }
    for (let turn = 0; turn < turns; turn += 1) {
      const pair = [['off', off] as const, ['on', on] as const]
      for (const [name, way] of turn % 2 === 0 ? pair : pair.reverse()) {
        const before = processorMs(way.pid)
        await repeat(way, callsPerTurn)
        if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
        took[name] += processorMs(way.pid) - before
      }
    }
    for (const name of ['off', 'on'] as const) times[name].push(took[name] / (turns * callsPerTurn))
    shares.push((took.on / took.off - 1) * 100)
  }
  return {
    what: `tracing on, ${what}, processor time added`,
    unit: '%',
    atMost: 2,
    ...ofRounds(shares),
    note: `${median(times.off).toFixed(3)} ms of processor time a call without, ${median(times.on).toFixed(3)} with`,
  }
}

async function repeat(way: Way, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) await way.call()
}

/** Of all threads of the process. */
function processorMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e6
}

async function overStdio(
  home: Home,
  telemetry: Record<string, unknown>,
): Promise<Way & { call(meta?: Record<string, string>): Promise<void> }> {
  const config = home.configure({ tools: hosting(1), telemetry })
  const { client, pid, close } = await connect([program, '--config', config, 'serve', '--no-share'], home)
  await orClosed(close, () => untilHosted(client, 1))
  const call = async (meta?: Record<string, string>) => {
    const args = { name: 'bench_echo', arguments: { text: 'x' } }
    const { isError } = await client.callTool({ name: 'call_tool', arguments: args, ...(meta !== undefined && { _meta: meta }) })
    if (isError === true) throw new Error('call_tool failed')
  }
  return { pid, call, close }
}

async function overHttp(home: Home, telemetry: Record<string, unknown>, url: string): Promise<Way> {
  const config = home.configure({
    pools: { small: { models: ['local/small'] } },
    providers: { local: { kind: 'openai', base_url: `${url}/v1` } },
    telemetry,
  })
  const args = [program, '--json', '--config', config, 'serve', '--http', '0']
  const child = spawn(process.execPath, args, { env: home.env, stdio: ['ignore', 'pipe', 'ignore'] })
  const close = async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const { url: base } = await orClosed(close, async () => JSON.parse(await untilPrinted(child, '}')) as { url: string })
  const body = JSON.stringify({ model: 'signalbox/small', messages: [{ role: 'user', content: 'Say hello' }] })
  const call = async () => {
    const response = await fetch(`${base}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await response.text()
    if (!response.ok) throw new Error(`A step failed: ${response.status}`)
  }
  return { pid: child.pid ?? 0, call, close }
}

async function startUpstream(): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [upstream], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { url: (await untilPrinted(child, '')).trim(), child }
}

/** What does not come up is closed, and not left behind. */
async function orClosed<Result>(close: () => Promise<void>, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    await close()
    throw error
  }
}

/** All lines up to the one that is this. */
async function untilPrinted(child: ChildProcess, last: string): Promise<string> {
  if (child.stdout === null) throw new TypeError('A program without an output')
  let text = ''
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`
    if (last === '' || line.trim().endsWith(last)) break
  }
  child.stdout.resume()
  return text
}

/** Microseconds. */
function nothingRecorded(): number {
  const meter = createMeter()
  const work = async () => undefined
  const times = 100_000
  const begunAt = performance.now()
  for (let index = 0; index < times; index += 1) {
    void offTracer.span('x', { kind: 'client', attributes: { 'gen_ai.tool.name': 'x' } }, work)
    meter.observe(mcpDuration, { mcp_method_name: 'tools/call', gen_ai_tool_name: 'call_tool', error_type: '' }, 0.001)
  }
  return ((performance.now() - begunAt) / times) * 1000
}
