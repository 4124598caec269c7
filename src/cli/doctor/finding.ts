/** One thing that was checked, and how to mend it when it is not well. */
export interface Finding {
  readonly check: string
  /** `warn`: Signalbox runs, and something is missing or weaker than it could be. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly mend?: string | undefined
}

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message }
}

export function warn(check: string, message: string, mend: string): Finding {
  return { check, state: 'warn', message, mend }
}

export function fail(check: string, message: string, mend: string): Finding {
  return { check, state: 'fail', message, mend }
}
