import { runProgram } from './program.ts'
import { processTerminal } from './terminal.ts'

/** The command line of this process. Sets the exit code and returns; nothing that was started keeps the process alive. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal(async (config, options) => {
    const { openSignalbox } = await import('../box.ts')
    return openSignalbox(config, options)
  })
  process.exitCode = await runProgram(argv.slice(2), terminal)
}
