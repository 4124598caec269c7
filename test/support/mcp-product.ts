import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSignalbox } from '../../src/box.ts'
import { instanceKey, mintPurpose } from '../../src/config/instance-token.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveHttp } from '../../src/http/serve.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import type { Target } from './mcp-clients.ts'
import { command } from './product/command.ts'
import { silent } from './silent-log.ts'

export interface ProductOptions {
  /** The configuration's `tools`, given the folder that is theirs. */
  tools(folder: string): Record<string, unknown>
  /** Whatever else the configuration holds. */
  rest?: Record<string, unknown>
  /** Files in the folder, by name. */
  files?: Record<string, string>
}

export interface RunningProduct {
  readonly box: Signalbox
  readonly url: string
  readonly folder: string
  /** The program itself, for a client that starts it over stdio on the same configuration and data. */
  readonly program: Target
  close(): Promise<void>
}

/** Where a published MCP server has its program. */
export function published(name: string, ...args: string[]): { command: string; args: string[] } {
  const script = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol', `server-${name}`, 'dist/index.js')
  return { command: process.execPath, args: [script, ...args] }
}

/** The product as its configuration makes it, over HTTP, and ready to be started over stdio. */
export async function startProduct({ tools, rest = {}, files = {} }: ProductOptions): Promise<RunningProduct> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-product-')))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const path = join(folder, 'signalbox.yaml')
  const data = join(folder, 'data')
  await writeFile(path, JSON.stringify({ tools: tools(folder), ...rest }))

  const config = await loadConfig({ path, env: { ...process.env, SIGNALBOX_HOME: data }, cwd: folder, home: homedir() })
  const box = await openSignalbox(config, { log: silent })
  await box.settled()
  const door = await serveHttp(box, config, { log: silent, port: 0, mintSecret: await instanceKey(data, mintPurpose) })
  return {
    box,
    url: `${door.url}/mcp`,
    folder,
    program: {
      command: process.execPath,
      args: [command, '--config', path, 'serve', '--stdio'],
      env: { SIGNALBOX_HOME: data, SIGNALBOX_LINGER_S: '0' },
    },
    async close() {
      await door.close()
      await box.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
