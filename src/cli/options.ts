import type { LogLevel } from '../log.ts'

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly config?: string | undefined
  readonly json?: boolean | undefined
  readonly logLevel?: LogLevel | undefined
  readonly logFormat?: 'text' | 'json' | undefined
}
