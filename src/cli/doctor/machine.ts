import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { createPrivateFolder } from '../../config/private-file.ts'
import { secretsOf } from '../../config/secrets.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** The least Node that Signalbox runs on; `package.json` says the same under `engines`. */
const least = { major: 22, minor: 12 }

export function checkNode(nodeVersion: string): Finding {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number)
  const enough = major > least.major || (major === least.major && minor >= least.minor)
  if (enough) return ok('node', nodeVersion)
  return fail(
    'node',
    `Node is ${nodeVersion}, and must be ${least.major}.${least.minor} or newer`,
    'install a newer Node from https://nodejs.org',
  )
}

/** Who is let in over HTTP, by names alone. */
export function checkAccess({ token, tokens, oauth }: Config['http']): Finding {
  const names = [
    ...(token === undefined ? [] : ['http.token (owner)']),
    ...tokens.map(({ name, roles }) => `${name} (${roles.join(', ')})`),
    ...(oauth === undefined ? [] : [`a token of ${oauth.issuer}`]),
  ]
  if (names.length > 0) return ok('http access', `with a key: ${names.join(', ')}, and what was minted from them`)
  return ok('http access', 'every program of this machine, as there is no http.token')
}

/** The image library is compiled for each platform: its binary may be missing though its package is there. */
export async function checkImages(): Promise<Finding> {
  try {
    const { default: sharp } = await import('sharp')
    return ok('images', `sharp with libvips ${sharp.versions.vips}`)
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return fail('images', `sharp cannot be loaded: ${reason}`, 'install again for this platform: npm install --include=optional')
  }
}

export async function checkDataFolder(path: string): Promise<Finding[]> {
  const findings: Finding[] = []
  const before = await stat(path).catch(() => undefined)
  if (before !== undefined && !before.isDirectory())
    return [fail('data folder', `${path} is no folder`, 'move the file away, or set SIGNALBOX_HOME')]
  if (process.platform !== 'win32' && before !== undefined && (before.mode & 0o077) !== 0) {
    findings.push(
      warn(
        'data folder',
        `${path} was open to other users (mode ${(before.mode & 0o777).toString(8)}), and is closed now`,
        'nothing is left to do',
      ),
    )
  }
  try {
    await createPrivateFolder(path)
    const probe = join(path, `.probe-${randomBytes(6).toString('hex')}`)
    await writeFile(probe, '', { mode: 0o600 })
    await rm(probe)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return [
      ...findings,
      fail(
        'data folder',
        `${path} cannot be written (${code ?? 'unknown reason'})`,
        'give yourself the right to write there, or set SIGNALBOX_HOME',
      ),
    ]
  }
  return [...findings, ok('data folder', path)]
}

/** A file with secrets in it is for its user alone. */
export async function checkConfigFile(config: Config): Promise<Finding[]> {
  const { path, kind, ignored } = config.origin
  const findings = [
    path === undefined
      ? warn('configuration', 'none: answers are taken from the given text, and no tool is hosted', 'run: signalbox init')
      : ok('configuration', `${path} (${kind === 'folder' ? 'trusted' : kind === 'user' ? 'your own' : 'named'})`),
  ]
  if (ignored !== undefined) findings.push(warn('configuration', `${ignored.path} does nothing`, ignored.reason))
  if (path !== undefined && process.platform !== 'win32' && secretsOf(config).length > 0) {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0)
      findings.push(warn('configuration', `${path} may hold secrets, and other users can read it`, `run: chmod 600 ${path}`))
  }
  return findings
}

export async function checkPort({ host, port }: Config['http']): Promise<Finding> {
  if (port === 0) return ok('http port', 'any that is free')
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return ok('http port', `${port} on ${host} is free`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      return warn(
        'http port',
        `${port} on ${host} is taken`,
        'a Signalbox that runs already? serve --http takes the next free port, http.port another',
      )
    return fail('http port', `${port} on ${host} cannot be listened on (${code ?? 'unknown reason'})`, 'change http.port or http.host')
  } finally {
    server.close()
  }
}
