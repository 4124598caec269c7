import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSignalbox } from '../box.ts'
import { dataFolder } from '../config/folders.ts'
import { instanceToken } from '../config/instance-token.ts'
import { loadConfig } from '../config/load.ts'
import { createPrivateFolder, writePrivateFile } from '../config/private-file.ts'
import { secretsOf } from '../config/secrets.ts'
import { openHttpDoor } from '../http/open-door.ts'
import { policyPath } from '../load-policy.ts'
import { createLog } from '../log.ts'
import { consoleUrl } from './console-url.ts'
import { firstStep } from './first-step.ts'
import { followConfig } from './follow-config.ts'
import { pasteLines } from './paste-lines.ts'

/**
 * `npm start`: one routed step on real hosted servers, then MCP over HTTP until Ctrl-C; `--once` ends after the step.
 *
 * It runs `examples/start.yaml`; a user's own configuration is for the program `signalbox`. The policy is a copy in the data folder:
 * what is published from the console changes nothing in a checkout.
 */
const root = packageRoot()
const once = process.argv.includes('--once')
const stopped = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => (stopped.signal.aborted ? process.exit(1) : stopped.abort()))
}
const write = (text: string) => process.stdout.write(`${text}\n`)

const folders = { env: process.env, cwd: root, home: homedir() }
const data = dataFolder(folders)
const policy = await ownPolicy()
const env = { ...process.env, SIGNALBOX_NODE: process.execPath, SIGNALBOX_START_DATA: data, SIGNALBOX_START_POLICY: policy }
const surroundings = { ...folders, env, path: join(root, 'examples', 'start.yaml') }
const config = await loadConfig(surroundings)
const log = createLog({ level: 'warn', stream: process.stderr })
log.hide(secretsOf(config))
const signalbox = await openSignalbox(config, { log })
try {
  const file = 'examples/ferry.txt'
  await firstStep(signalbox, { file: join(root, file), shownAs: file, write, signal: stopped.signal })
  if (!once && !stopped.signal.aborted) {
    const watch = followConfig(signalbox, config, {
      path: surroundings.path,
      log,
      terminal: { ...folders, env, platform: process.platform },
      onTaken: () => write('Took up what was changed.'),
    })
    const token = await instanceToken(config.dataFolder)
    const door = await openHttpDoor(signalbox, config, { log })
    for (const line of pasteLines({ url: door.url, node: process.execPath, program: join(root, 'bin', 'signalbox.js') })) write(line)
    write(`\nServing MCP at ${door.url}/mcp with four published servers behind it. Ctrl-C ends it.`)
    write(`Decided by: ${policy} (change it there or in the console; without it, the next start takes what ships)`)
    // A secret is shown to a person, and kept out of what somebody records.
    if (process.stdout.isTTY) write(`See it decide: ${consoleUrl(door.url, token)}`)
    else write('See it decide: node bin/signalbox.js console')
    await new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve(), { once: true }))
    watch.close()
    await door.close()
  }
} finally {
  await signalbox.close()
}

async function ownPolicy(): Promise<string> {
  const path = join(data, 'start-policy.yaml')
  if (existsSync(path)) return path
  await createPrivateFolder(data)
  await writePrivateFile(path, await readFile(policyPath({ kind: 'shipped', name: 'balanced' })))
  return path
}

function packageRoot(): string {
  for (let folder = fileURLToPath(new URL('.', import.meta.url)); ; folder = join(folder, '..')) {
    if (existsSync(join(folder, 'package.json'))) return folder
  }
}
