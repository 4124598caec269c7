import type { Command } from 'commander'
import { instanceKey } from '../../config/instance-token.ts'
import { giveBackMemoryWhenIdle } from '../../idle-memory.ts'
import { aloneView } from '../../instance/view.ts'
import { keepHeapSmall } from '../../small-heap.ts'
import { UsageError } from '../failures.ts'
import { followConfig } from '../follow-config.ts'
import { openConfig } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export interface ServeOptions extends GlobalOptions {
  readonly stdio?: boolean | undefined
  readonly http?: string | true | undefined
  readonly profile?: string | undefined
  readonly project?: string | undefined
  readonly profileCpu?: string | undefined
}

export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run the MCP server for one client over stdio, or for many over HTTP')
    .option('--stdio', 'speak MCP over stdin and stdout (the default)')
    .option('--http [address]', 'listen on [HOST:]PORT, or where the configuration says')
    .option('--profile <name>', 'show the fixed subset of tools of this profile (stdio)')
    .option('--project <name>', 'what new threads belong to, and scope project means (stdio)')
    .option('--no-share', 'run in a process of its own, not in the one that clients of this user share (stdio)')
    .option('--profile-cpu <folder>', 'write down where the processor time goes, as a .cpuprofile, until the end (not shared)')
    .action(async (_options: unknown, command: Command) => serve(command.optsWithGlobals<ServeOptions>(), terminal))
}

/** Serves until the client goes (stdio), or until the process is asked to end. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  if (options.stdio === true && options.http !== undefined) throw new UsageError('serve takes one of --stdio and --http, received both')
  if (options.profile !== undefined && options.http !== undefined)
    throw new UsageError('over HTTP a profile is part of the address, /mcp/<name>: remove --profile')
  if (options.project !== undefined && options.http !== undefined)
    throw new UsageError('over HTTP a project is named by memory.project of the configuration: remove --project')
  const end = options.profileCpu === undefined ? undefined : await (await import('../profile-cpu.ts')).profileCpu(options.profileCpu)
  try {
    await serveOver(options, terminal)
  } finally {
    if (end !== undefined) note(terminal, `Where the processor time went: ${await end()}`)
  }
}

async function serveOver(options: ServeOptions, terminal: Terminal): Promise<void> {
  if (options.http !== undefined) await serveOverHttp(options.http, options, terminal)
  else await serveOverStdio(options, terminal)
}

async function serveOverStdio(options: ServeOptions, terminal: Terminal): Promise<void> {
  const [{ serveStdio }, { config, log }] = await Promise.all([import('../../mcp/stdio.ts'), openConfig(terminal, options, 'info')])
  checkProfile(options.profile, Object.keys(config.profiles))
  const stateKey = await instanceKey(config.dataFolder, 'request-state')
  // The handshake is answered while the rest still opens, and before: loading it would keep this thread from answering.
  const instance = aloneView(terminal.alone)
  if (instance.why !== undefined) log.info(`This client is served by a process of its own: ${instance.why}`)
  const opening = nextTurns().then(() => terminal.openSignalbox(config, { log, instance: () => instance }))
  const { signal, answered } = terminal
  const door = serveStdio(opening, { log, profile: options.profile, project: options.project, signal, stateKey, answered })
  const signalbox = await opening.catch(async (error: unknown) => {
    await door.close()
    throw error
  })
  const watch = followConfig(signalbox, config, { path: options.config, log, terminal })
  const stopGivingBack = giveBackMemoryWhenIdle({ log })
  await door.closed
  stopGivingBack()
  watch.close()
  await signalbox.close()
}

/** @param show What is printed once it listens. */
export async function serveOverHttp(
  address: string | true,
  options: GlobalOptions,
  terminal: Terminal,
  show = async (url: string): Promise<void> => showMcp(url, options, terminal),
): Promise<void> {
  const { host, port } = address === true ? {} : parseAddress(address)
  const [{ openHttpDoor }, { config, log }] = await Promise.all([import('../../http/open-door.ts'), openConfig(terminal, options, 'info')])
  const signalbox = await terminal.openSignalbox(config, { log })
  const watch = followConfig(signalbox, config, { path: options.config, log, terminal })
  const stopGivingBack = giveBackMemoryWhenIdle({ log })
  const stopWatchingHeap = keepHeapSmall()
  try {
    const door = await openHttpDoor(signalbox, config, { log, host, port })
    try {
      await show(door.url)
      await aborted(terminal.signal)
      note(terminal, 'Stopping: calls under way may end')
    } finally {
      await door.close()
    }
  } finally {
    stopGivingBack()
    stopWatchingHeap()
    watch.close()
    await signalbox.close()
  }
}

function showMcp(url: string, { json }: GlobalOptions, terminal: Terminal): void {
  if (json === true) printJson(terminal, { url, mcp: `${url}/mcp` })
  else printText(terminal, `${url}/mcp`)
  note(terminal, 'The console: signalbox console')
}

/** Time for what has arrived on stdin already to be read and answered. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** `8737`, `:8737`, `127.0.0.1:8737`, `[::1]:8737`. */
export function parseAddress(address: string): { host: string | undefined; port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(address)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new UsageError(`--http must be [HOST:]PORT with a port up to 65535, received "${address}"`)
  return { host: match[1] ?? (match[2] || undefined), port }
}

function checkProfile(profile: string | undefined, known: readonly string[]): void {
  if (profile === undefined || known.includes(profile)) return
  throw new UsageError(`--profile must name a profile of the configuration (${known.join(', ') || 'it has none'}), received "${profile}"`)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
