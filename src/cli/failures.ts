/** A command was called in a way that cannot work: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

/** A command came to its end, and the answer is no: exit code 1, with nothing more to say than the message. */
export class FailedError extends Error {
  override readonly name = 'FailedError'
  readonly code = 'failed'
  /** Whether the command has written its data, which tell the failure themselves. */
  readonly printed: boolean

  constructor(message: string, { printed = false }: { printed?: boolean } = {}) {
    super(message)
    this.printed = printed
  }
}
