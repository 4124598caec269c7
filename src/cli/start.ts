import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSignalbox } from '../box.ts'
import { dataFolder } from '../config/folders.ts'
import { loadConfig } from '../config/load.ts'
import { serveHttp } from '../http/serve.ts'
import { createLog } from '../log.ts'
import { firstStep } from './first-step.ts'
import { pasteLines } from './paste-lines.ts'

/**
 * `npm start`: one routed step on real hosted servers, then MCP over HTTP until Ctrl-C; `--once` ends after the step.
 *
 * It runs `examples/start.yaml`; a user's own configuration is for the program `signalbox`.
 */
const root = packageRoot()
const once = process.argv.includes('--once')
const stopped = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => (stopped.signal.aborted ? process.exit(1) : stopped.abort()))
}
const write = (text: string) => process.stdout.write(`${text}\n`)

const folders = { env: process.env, cwd: root, home: homedir() }
const env = { ...process.env, SIGNALBOX_NODE: process.execPath, SIGNALBOX_START_DATA: dataFolder(folders) }
const config = await loadConfig({ ...folders, env, path: join(root, 'examples', 'start.yaml') })
const log = createLog({ level: 'warn', stream: process.stderr })
const signalbox = await openSignalbox(config, { log })
try {
  const file = 'examples/ferry.txt'
  await firstStep(signalbox, { file: join(root, file), shownAs: file, write, signal: stopped.signal })
  if (!once && !stopped.signal.aborted) {
    const door = await serveHttp(signalbox, config, { log })
    for (const line of pasteLines({ url: door.url, node: process.execPath, program: join(root, 'bin', 'signalbox.js') })) write(line)
    write(`\nServing MCP at ${door.url}/mcp with four published servers behind it. Ctrl-C ends it.`)
    await new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve(), { once: true }))
    await door.close()
  }
} finally {
  await signalbox.close()
}

function packageRoot(): string {
  for (let folder = fileURLToPath(new URL('.', import.meta.url)); ; folder = join(folder, '..')) {
    if (existsSync(join(folder, 'package.json'))) return folder
  }
}
