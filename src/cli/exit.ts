import { meaningOf } from '../errors.ts'
import { FailedError, UsageError } from './failures.ts'
import type { GlobalOptions } from './options.ts'
import { note, printJson } from './output.ts'
import { InterruptedError, type Terminal } from './terminal.ts'

export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : (meaningOf(error)?.exit ?? 1)
}

/** Says on stderr what went wrong, and with `--json` on stdout as well, unless data stands there already. */
export function report(error: unknown, terminal: Terminal, options: GlobalOptions): void {
  const message = error instanceof Error ? error.message : String(error)
  const expected = error instanceof FailedError || error instanceof UsageError || error instanceof InterruptedError
  note(terminal, expected ? message : `signalbox: ${message}`)
  if (options.logLevel === 'debug' && error instanceof Error && error.stack !== undefined) note(terminal, error.stack)
  if (options.json === true && !(error instanceof FailedError && error.printed))
    printJson(terminal, { error: { code: codeOf(error), message } })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}
