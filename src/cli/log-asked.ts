import { type LogLevel, logOfVariable } from '../log.ts'
import { UsageError } from './failures.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** What is to be logged by the options, then by `SIGNALBOX_LOG`: both go before the configuration. @throws {UsageError} */
export function logAsked(
  { logLevel, logFormat }: GlobalOptions,
  { env }: Pick<Terminal, 'env'>,
): { level: LogLevel | undefined; format: 'text' | 'json' | undefined } {
  try {
    const variable = logOfVariable(env['SIGNALBOX_LOG'])
    return { level: logLevel ?? variable.level, format: logFormat ?? variable.format }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
