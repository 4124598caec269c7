import { serveStdio } from '../../src/mcp/stdio.ts'
import { fakeSignalbox } from './fake-signalbox.ts'

/** The fake Signalbox over stdio. `late` opens it after a while; `noisy` writes to standard output as a careless library does. */
const modes = process.argv.slice(2)
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error }
const box = fakeSignalbox()
const opening = modes.includes('late') ? new Promise<typeof box>((resolve) => setTimeout(resolve, 300, box)) : box

const door = serveStdio(opening, { log: silent })
if (modes.includes('noisy')) {
  console.log('careless')
  process.stdout.write('more of it\n')
}
await door.closed
console.error(`closed aborted=${box.aborted.length}`)
await box.close()
