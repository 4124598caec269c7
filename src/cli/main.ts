import { runProgram } from './program.ts'
import { processTerminal } from './terminal.ts'

/**
 * The program: `bin/signalbox.js` loads it, once it knows that this Node can.
 *
 * It sets the exit code and lets the process end by itself; nothing that was started keeps it alive.
 */
const terminal = processTerminal(async (config, options) => {
  const { openSignalbox } = await import('../box.ts')
  return openSignalbox(config, options)
})
process.exitCode = await runProgram(process.argv.slice(2), terminal)
