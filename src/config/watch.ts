import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Config, ConfigOrigin } from './config.ts'
import { ConfigError } from './config-error.ts'
import { dataFolder } from './folders.ts'
import { type LoadOptions, readConfig } from './load.ts'
import { trustRecordFile } from './trust.ts'

export interface WatchOptions extends LoadOptions {
  /** A changed configuration that can run. */
  readonly onChange: (config: Config) => void
  /** A changed file that cannot run: what ran before goes on. */
  readonly onInvalid: (error: ConfigError) => void
  /** How often the file's facts are compared. */
  readonly intervalMs?: number | undefined
  /** A file that is still being written is left alone until it was quiet for this long. */
  readonly quietMs?: number | undefined
}

export interface ConfigWatch {
  close(): void
}

/**
 * Watches the file that a configuration came from, and the policy file that it names; the embedded defaults have neither.
 *
 * The path is compared, not an open file: editors that write a new file and rename it, links that are turned to another file
 * and file systems without notifications are all seen. A file that was removed is invalid, and is taken up when it comes back.
 */
export function watchConfig(config: Config, options: WatchOptions): ConfigWatch {
  const { path } = config.origin
  if (path === undefined) return { close() {} }
  const { intervalMs = 1000, quietMs = 250 } = options
  const origin: ConfigOrigin & { path: string } = { ...config.origin, path }
  // A folder's file that was edited runs again once the user has trusted it again.
  const watched = origin.kind === 'folder' ? [path, trustRecordFile(dataFolder(options))] : [path]
  // What was told last, so that an edit of a comment or a second notification tells nothing.
  let last = markOf(config)
  let lastPolicy = textOf(policyFileOf(config))
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const read = async () => {
    const result = await attempt(origin, options)
    const mark = markOf(result)
    const policy = result instanceof ConfigError ? lastPolicy : textOf(policyFileOf(result))
    if (closed || (mark === last && policy === lastPolicy)) return
    last = mark
    lastPolicy = policy
    if (!(result instanceof ConfigError)) followPolicy(policyFileOf(result))
    if (result instanceof ConfigError) options.onInvalid(result)
    else options.onChange(result)
  }
  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void read(), quietMs)
    timer.unref()
  }

  let policyFile: string | undefined
  const followPolicy = (next: string | undefined) => {
    if (next === policyFile) return
    if (policyFile !== undefined) unwatchFile(policyFile, changed)
    if (next !== undefined) watchFile(next, { interval: intervalMs, persistent: false }, changed)
    policyFile = next
  }

  followPolicy(policyFileOf(config))
  for (const file of watched) watchFile(file, { interval: intervalMs, persistent: false }, changed)
  // The file may have changed between loading and watching.
  changed()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      followPolicy(undefined)
      for (const file of watched) unwatchFile(file, changed)
    },
  }
}

function policyFileOf({ policy }: Config): string | undefined {
  return policy.kind === 'file' ? policy.path : undefined
}

/** `undefined` where there is no file, or none that can be read. */
function textOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function markOf(result: Config | ConfigError): string {
  return result instanceof ConfigError ? result.message : JSON.stringify(result)
}

async function attempt(origin: ConfigOrigin & { path: string }, options: LoadOptions): Promise<Config | ConfigError> {
  try {
    return await readConfig(origin, options)
  } catch (error) {
    if (error instanceof ConfigError) return error
    return new ConfigError(origin.path, [{ path: '', message: 'it cannot be read' }], { cause: error })
  }
}
