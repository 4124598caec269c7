import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { secretsOf } from '../config/secrets.ts'
import type { InstanceView } from '../instance/view.ts'
import { createLog, type LogLevel, type ProcessLog } from '../log.ts'
import type { Signalbox } from '../signalbox.ts'
import { logAsked } from './log-asked.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

export type OpenSignalbox = (
  config: Config,
  options: { log: ProcessLog; instance?: (() => InstanceView) | undefined },
) => Promise<Signalbox>

/** The configuration of a command, and a log that shows none of its secrets. */
export async function openConfig(
  terminal: Terminal,
  options: GlobalOptions,
  level: LogLevel,
): Promise<{ config: Config; log: ProcessLog }> {
  const config = await loadConfig({ ...surroundingsOf(terminal), path: options.config })
  const asked = logAsked(options, terminal)
  const log = createLog({
    level: asked.level ?? config.log.level ?? level,
    format: asked.format ?? config.log.format,
    stream: terminal.stderr,
  })
  log.hide(secretsOf(config))
  const { ignored } = config.origin
  if (ignored !== undefined) log.warn(`Ignored ${ignored.path}: ${ignored.reason}`)
  return { config, log }
}

/** Runs a command on a Signalbox of its own, which is closed whatever happens. */
export async function withSignalbox<Result>(
  terminal: Terminal,
  options: GlobalOptions,
  use: (signalbox: Signalbox, config: Config) => Promise<Result>,
): Promise<Result> {
  const { config, log } = await openConfig(terminal, options, 'warn')
  const signalbox = await terminal.openSignalbox(config, { log })
  try {
    return await use(signalbox, config)
  } finally {
    await signalbox.close()
  }
}

export function surroundingsOf({ env, cwd, home, platform }: Pick<Terminal, 'env' | 'cwd' | 'home' | 'platform'>) {
  return { env, cwd, home, platform }
}
