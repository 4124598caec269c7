import { activeTrace } from './telemetry/active.ts'

/** What the parts of Signalbox report while they run. Lines go to stderr only: stdout belongs to the protocol. */
export interface Log {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
  error(message: string, facts?: Readonly<Record<string, unknown>>): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * `SIGNALBOX_LOG`: a level, a format, or both: `debug`, `json`, `debug,json`.
 *
 * @throws {RangeError} If it is anything else.
 */
export function logOfVariable(text: string | undefined): { level?: LogLevel; format?: 'text' | 'json' } {
  const found: { level?: LogLevel; format?: 'text' | 'json' } = {}
  for (const word of (text ?? '').split(',').map((one) => one.trim().toLowerCase())) {
    const level = logLevels.find((one) => one === word)
    const format = word === 'text' || word === 'json' ? word : undefined
    if (level !== undefined) found.level = level
    else if (format !== undefined) found.format = format
    else if (word !== '')
      throw new RangeError(`SIGNALBOX_LOG must be a level (${logLevels.join(', ')}), a format (text, json), or both, received "${text}"`)
  }
  return found
}

export interface LogOptions {
  /** The least level that is written. */
  level?: LogLevel | undefined
  /** `text` for people, `json` for programs: one line an entry in both. */
  format?: 'text' | 'json' | undefined
  stream: { write(line: string): unknown }
  clock?: (() => number) | undefined
}

export interface ProcessLog extends Log {
  /** From now on these values are written as `[hidden]`, wherever they appear. */
  hide(secrets: readonly string[]): void
}

const longest = 8192

/**
 * Writes a line for each entry, without the secrets it was told of and without control characters of what others sent.
 *
 * Nothing but `JSON.stringify` stands behind it: a logging library costs a noticeable part of the time in which a client wants its first answer.
 */
export function createLog({ level = 'info', format = 'text', stream, clock = Date.now }: LogOptions): ProcessLog {
  let hidden: readonly string[] = []
  const least = logLevels.indexOf(level)

  // A secret is taken out before a long text is cut: half of one would not be recognized.
  const clean = (text: string) => {
    let result = text
    for (const secret of hidden) result = result.replaceAll(secret, '[hidden]')
    return result.length > longest ? `${result.slice(0, longest)}... (${result.length} characters)` : result
  }
  const write = (entryLevel: Exclude<LogLevel, 'silent'>, message: string, facts: Readonly<Record<string, unknown>> = {}) => {
    if (logLevels.indexOf(entryLevel) < least) return
    const head = { time: new Date(clock()).toISOString(), level: entryLevel, message: clean(message) }
    const told = { ...facts, ...traceFacts() }
    stream.write(`${format === 'json' ? toJson(Object.assign({ ...head }, told, head), clean) : textLine(head, told, clean)}\n`)
  }

  return {
    debug: (message, facts) => write('debug', message, facts),
    info: (message, facts) => write('info', message, facts),
    warn: (message, facts) => write('warn', message, facts),
    error: (message, facts) => write('error', message, facts),
    hide(secrets) {
      // As it stands, and as it stands in JSON that somebody put into a message. Longest first: one may hold another.
      const added = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
      hidden = [...new Set([...hidden, ...added])].filter((secret) => secret !== '').toSorted((left, right) => right.length - left.length)
    },
  }
}

/** Which trace and which step a line belongs to, where there is one. */
function traceFacts(): { trace_id?: string; decision?: string } {
  const active = activeTrace()
  if (active === undefined) return {}
  return { trace_id: active.context.traceId, ...(active.decision !== undefined && { decision: active.decision }) }
}

/** A text as it may be shown on a terminal: one line, and nothing in it that a terminal obeys. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return ' '
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}

function textLine(
  head: { time: string; level: string; message: string },
  facts: Readonly<Record<string, unknown>>,
  clean: (text: string) => string,
): string {
  const told = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const plain = typeof value === 'string' && /^[\w./:@-]+$/.test(value)
      return `${key}=${plain ? clean(value) : toJson(value, clean)}`
    })
  return printable([head.time.slice(11, 23), head.level.padEnd(5), head.message, ...told].join(' '))
}

/** An error is told by its words, and a fact that cannot be written never keeps the entry from being written. */
function toJson(value: unknown, clean: (text: string) => string): string {
  const plain = (_: string, item: unknown) => {
    if (item instanceof Error) return clean(item.message)
    if (typeof item === 'bigint') return String(item)
    return typeof item === 'string' ? clean(item) : item
  }
  try {
    return JSON.stringify(value, plain) ?? 'undefined'
  } catch {
    return '"(cannot be shown)"'
  }
}
