import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npmCommand } from '../../scripts/npm.js'

/**
 * The gateways that Signalbox is measured beside, as npm has them. Without the override, Portkey answers
 * every stream with status 500.
 */
const peers = {
  portkey: { dependencies: { '@portkey-ai/gateway': '1.15.2' }, overrides: { '@hono/node-server': '1.13.8' } },
  'router-1': { dependencies: { '@musistudio/claude-code-router': '1.0.73' } },
  'router-2': { dependencies: { '@musistudio/claude-code-router': '2.0.0' } },
} as const

/**
 * The `node_modules` with a peer in it, installed on first use, without its install scripts: below `SIGNALBOX_BENCH_PEERS`, else in the
 * folder for temporary files.
 */
export async function installed(peer: keyof typeof peers): Promise<string> {
  const root = process.env['SIGNALBOX_BENCH_PEERS'] ?? join(tmpdir(), 'signalbox-bench-peers')
  const folder = join(root, peer)
  if (existsSync(folder)) return join(folder, 'node_modules')
  // Under another name until it is whole: what broke off half-way is no peer.
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true, ...peers[peer] }))
  const { program, args, shell } = npmCommand(['install', '--ignore-scripts', '--no-audit', '--no-fund'])
  const child = spawn(program, args, { cwd: partial, shell, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`npm could not install it: ${said.slice(-500)}`)
  renameSync(partial, folder)
  return join(folder, 'node_modules')
}
