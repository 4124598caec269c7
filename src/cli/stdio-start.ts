import { type LogLevel, logLevels } from '../log.ts'

/** A command line that serves one client over stdio. */
export interface StdioStart {
  readonly config?: string | undefined
  readonly profile?: string | undefined
  readonly project?: string | undefined
  readonly logLevel?: LogLevel | undefined
  readonly logFormat?: 'text' | 'json' | undefined
  /** `--no-share`. */
  readonly share: boolean
}

/**
 * Reads a command line that is plainly a start over stdio; `undefined` for every other, which the program itself reads.
 *
 * A client's process stays as small as Node lets it: the library that reads all command lines is not loaded for it.
 */
export function parseStdioStart(args: readonly string[], isTerminal: boolean): StdioStart | undefined {
  const given = new Map<string, string>()
  const rest = [...args]
  const isServe = rest.includes('serve')
  let named = false
  while (rest.length > 0) {
    const [word = '', ...glued] = (rest.shift() ?? '').split('=')
    const takes = (isServe ? ofServe : ofAll)[word]
    if (word === 'serve' && !named && glued.length === 0) named = true
    else if (takes === undefined || (!takes && glued.length > 0)) return undefined
    else {
      const value = !takes ? '' : glued.length > 0 ? glued.join('=') : rest.shift()
      if (value === undefined) return undefined
      given.set(word, value)
    }
  }
  if (isServe !== named || (!isServe && isTerminal)) return undefined
  const level = given.get('--log-level')
  const format = given.get('--log-format')
  if (level !== undefined && !isOneOf(level, logLevels)) return undefined
  if (format !== undefined && !isOneOf(format, ['text', 'json'] as const)) return undefined
  return {
    config: given.get('--config'),
    profile: given.get('--profile'),
    project: given.get('--project'),
    logLevel: level,
    logFormat: format,
    share: !given.has('--no-share'),
  }
}

/** Each option, and whether it takes a value. */
const ofAll: Readonly<Record<string, boolean | undefined>> = {
  '--config': true,
  '--json': false,
  '--log-level': true,
  '--log-format': true,
}
const ofServe: Readonly<Record<string, boolean | undefined>> = {
  ...ofAll,
  '--stdio': false,
  '--profile': true,
  '--project': true,
  '--no-share': false,
}

function isOneOf<Word extends string>(word: string, words: readonly Word[]): word is Word {
  return words.some((one) => one === word)
}

export interface InstanceStart {
  readonly id: string
  /** Absolute. */
  readonly config: string | undefined
}

/** `instance ID [--config FILE]`, as only `share.ts` writes it. */
export function parseInstanceStart([command, id, option, config]: readonly string[]): InstanceStart | undefined {
  if (command !== 'instance' || id === undefined || !/^[0-9a-f]{16}$/.test(id)) return undefined
  return { id, config: option === '--config' ? config : undefined }
}
