import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSignalbox } from '../../src/box.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveHttp } from '../../src/http/serve.ts'
import { silent } from '../support/silent-log.ts'
import { serveFixtureOverHttp } from './fixture-server.ts'

export type Downstream = 'stdio' | 'http'

export interface Product {
  /** `/mcp` of a Signalbox that shows the fixture's tools, prompts and resources themselves, under their own names. */
  readonly url: string
  /** The file that configures it, for another process on the same data. */
  readonly config: string
  readonly dataFolder: string
  close(): Promise<void>
}

const fixtureProgram = join(import.meta.dirname, 'fixture-server.ts')

/** The product as configuration makes it, with the fixture behind it over this transport. */
export async function startProduct(downstream: Downstream): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-conformance-'))
  const fixture = downstream === 'http' ? await serveFixtureOverHttp() : undefined
  const line = fixture === undefined ? { command: process.execPath, args: [fixtureProgram] } : { url: fixture.url }
  const path = join(folder, 'signalbox.yaml')
  await writeFile(path, JSON.stringify({ tools: { fixture: { ...line, expose: 'direct', prefix: false, pin: 'off' } }, http: { port: 0 } }))

  const env = { ...process.env, SIGNALBOX_HOME: join(folder, 'data') }
  const config = await loadConfig({ path, env, cwd: folder, home: homedir() })
  const signalbox = await openSignalbox(config, { log: silent })
  await signalbox.host.settled()
  const door = await serveHttp(signalbox, config, { log: silent, port: 0 })
  return {
    url: `${door.url}/mcp`,
    config: path,
    dataFolder: config.dataFolder,
    async close() {
      await door.close()
      await signalbox.close()
      await fixture?.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
