import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { ConfigError } from './config-error.ts'

/** Where a process finds itself: what decides which configuration and which data are meant. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The user's home folder, unless the operating system's answer holds. */
  readonly home?: string | undefined
  readonly platform?: NodeJS.Platform | undefined
}

export const configFileName = 'signalbox.yaml'

/**
 * The data folder: `SIGNALBOX_HOME`, else the platform's own place for a user's data.
 *
 * @throws {ConfigError} If `SIGNALBOX_HOME` is relative: each folder would have a memory of its own.
 */
export function dataFolder(surroundings: Surroundings): string {
  const { env } = surroundings
  const moved = env['SIGNALBOX_HOME']
  if (moved !== undefined && moved !== '') {
    if (!isAbsolute(moved)) {
      const message = `must be an absolute path, received ${JSON.stringify(moved)}`
      throw new ConfigError('the environment', [{ path: 'SIGNALBOX_HOME', message }])
    }
    return moved
  }
  switch (surroundings.platform ?? process.platform) {
    case 'win32':
      return join(absolute(env['LOCALAPPDATA']) ?? join(homeFolder(surroundings), 'AppData', 'Local'), 'signalbox')
    case 'darwin':
      return join(homeFolder(surroundings), 'Library', 'Application Support', 'signalbox')
    default:
      return join(absolute(env['XDG_DATA_HOME']) ?? join(homeFolder(surroundings), '.local', 'share'), 'signalbox')
  }
}

/** The folder in which programs keep a user's settings on this platform. */
export function settingsFolder(surroundings: Surroundings): string {
  const { env } = surroundings
  switch (surroundings.platform ?? process.platform) {
    case 'win32':
      return absolute(env['APPDATA']) ?? join(homeFolder(surroundings), 'AppData', 'Roaming')
    case 'darwin':
      return join(homeFolder(surroundings), 'Library', 'Application Support')
    default:
      return absolute(env['XDG_CONFIG_HOME']) ?? join(homeFolder(surroundings), '.config')
  }
}

/** The user's own configuration file, whether it is there or not. */
export function userConfigFile(surroundings: Surroundings): string {
  return join(settingsFolder(surroundings), 'signalbox', configFileName)
}

export function homeFolder({ home }: Surroundings): string {
  return home ?? homedir()
}

/** The XDG specification has relative paths ignored; the same is done for the other platforms. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}
