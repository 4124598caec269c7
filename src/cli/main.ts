import { greet } from '../instance/greet.ts'
import type { Shared } from './share.ts'
import { parseInstanceStart, parseStdioStart, type StdioStart } from './stdio-start.ts'
import { processTerminal } from './terminal.ts'

/**
 * The program: `bin/signalbox.js` loads it, once it knows that this Node can.
 *
 * It sets the exit code and lets the process end by itself; nothing that was started keeps it alive. What a process does not need
 * is not loaded: the one in front of a client that has an instance stays about as small as Node itself.
 */
const terminal = processTerminal(async (config, options) => {
  const { openSignalbox } = await import('../box.ts')
  return openSignalbox(config, { ...options, variables: { env: process.env, hide: options.log.hide } })
})
const args = process.argv.slice(2)

try {
  process.exitCode = await run()
} catch (error) {
  const { exitCodeOf, report } = await import('./exit.ts')
  report(error, terminal, { json: args.includes('--json') })
  process.exitCode = exitCodeOf(error)
}

async function run(): Promise<number> {
  const instance = parseInstanceStart(args)
  if (instance !== undefined) {
    const { runInstance } = await import('./run-instance.ts')
    await runInstance(instance, terminal)
    return 0
  }
  const start = parseStdioStart(args, process.stdin.isTTY)
  const shared = start && (await share(start))
  if (shared !== undefined && 'code' in shared) return shared.code
  const { runProgram } = await import('./program.ts')
  return runProgram(args, { ...terminal, ...shared })
}

async function share(start: StdioStart): Promise<Shared> {
  const greeting = greet(terminal.stdin, terminal.stdout)
  // A turn for what the client has sent already: its answer comes before anything else is loaded.
  await new Promise((resolve) => setImmediate(resolve))
  const { serveByInstance } = await import('./share.ts')
  return serveByInstance(start, terminal, greeting)
}
