import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { dataFolder } from '../config/folders.ts'
import type { AttachRequest, Identity } from '../instance/attach.ts'
import { findInstance } from '../instance/find.ts'
import type { Greeting } from '../instance/greet.ts'
import { logFile } from '../instance/place.ts'
import { relay } from '../instance/relay.ts'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import { UsageError } from './failures.ts'
import { logAsked } from './log-asked.ts'
import type { StdioStart } from './stdio-start.ts'
import type { Terminal } from './terminal.ts'

export type Shared = { readonly code: number } | Pick<Terminal, 'alone' | 'answered'>

/**
 * Serves the client of this process by an instance that others may share, and gives the code with which to end.
 *
 * `alone` has the reason when there can be none: then nothing has been taken from the client yet but the handshake.
 */
export async function serveByInstance(start: StdioStart, terminal: Terminal, greeting: Greeting): Promise<Shared> {
  const { env, signal } = terminal
  const alone = (why: string): Shared => ({ alone: why, answered: greeting.end() })
  if (!start.share) return alone('this start said --no-share')
  const sharing = env['SIGNALBOX_SHARE'] ?? ''
  if (!['', 'on', 'off'].includes(sharing)) throw new UsageError(`SIGNALBOX_SHARE must be on or off, received "${sharing}"`)
  if (sharing === 'off') return alone('SIGNALBOX_SHARE is off')
  lingerMsOf(env)
  const asked = logAsked(start, terminal)

  const request: AttachRequest = {
    ...identityOf(terminal),
    config: start.config === undefined ? undefined : resolve(terminal.cwd, start.config),
    profile: start.profile,
    project: start.project,
    logLevel: asked.level,
    logFormat: asked.format,
    pid: process.pid,
    apart: undefined,
  }
  const config = request.config === undefined ? [] : ['--config', request.config]
  const found = await findInstance(request, {
    env,
    command: (id) => [terminal.program.script, 'instance', id, ...config],
    answered: () => greeting.end(),
    signal,
  })
  if (found.kind === 'left') {
    greeting.end()
    // Nothing of it keeps this process.
    terminal.stdin.destroy()
    return { code: 0 }
  }
  if (found.kind === 'alone') return alone(found.why)
  const { socket, folder, record, apart } = found
  if (apart !== undefined) {
    const log = createLog({ level: asked.level, format: asked.format, stream: terminal.stderr })
    log.info(`This client is served by instance ${record.pid}: ${apart}`)
  }
  const { stdin, stdout, stderr } = terminal
  const answered = greeting.end()
  return { code: await relay({ socket, stdin, stdout, stderr, signal, pid: record.pid, log: logFile(folder, record.id), answered }) }
}

/** What a client and its instance must have in common, besides the configuration. */
export function identityOf(terminal: Terminal): Identity {
  const { uid, username } = userInfo()
  return {
    user: `${uid === -1 ? username : uid} ${terminal.home}`,
    version,
    dataFolder: dataFolder(terminal),
    workingFolder: terminal.cwd,
  }
}

/** How long an instance stays after its last client. */
export function lingerMsOf(env: Terminal['env']): number {
  const given = env['SIGNALBOX_LINGER_S'] || '600'
  const seconds = Number(given)
  if (!(seconds >= 0 && seconds <= 86_400)) throw new UsageError(`SIGNALBOX_LINGER_S must be seconds from 0 to 86400, received "${given}"`)
  return seconds * 1000
}
