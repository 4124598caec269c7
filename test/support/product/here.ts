import { openSignalbox } from '../../../src/box.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { secretsOf } from '../../../src/config/secrets.ts'
import { openHttpDoor } from '../../../src/http/open-door.ts'
import { createLog } from '../../../src/log.ts'
import { recorder } from '../cli-terminal.ts'
import type { Home } from './home.ts'

export interface HttpHere {
  readonly url: string
  readonly mcp: string
  /** All that it has logged. */
  errors(): string
  stop(): Promise<void>
}

/**
 * What `signalbox serve --http` serves, over a real socket on a free port, in this process: a process of its own costs a second
 * of processor time and shows nothing more, but to tests of starts, ends and reloads.
 */
export async function serveHere(home: Home): Promise<HttpHere> {
  const { stream, text } = recorder()
  const config = await loadConfig({ path: home.config, env: home.env, cwd: home.root, home: home.root })
  const log = createLog({ stream })
  log.hide(secretsOf(config))
  const box = await openSignalbox(config, { log, variables: { env: home.env, hide: log.hide } })
  const door = await openHttpDoor(box, config, { log, host: '127.0.0.1', port: 0 })
  return {
    url: door.url,
    mcp: `${door.url}/mcp`,
    errors: text,
    async stop() {
      await door.close()
      await box.close()
    },
  }
}
