/** Memory could not do what was asked; where an answer can go on without it, it does. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError'
  readonly code: 'memory_not_found' | 'memory_refused' | 'memory_unavailable'
  readonly operation: string

  constructor(message: string, options: { code: MemoryError['code']; operation: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.operation = options.operation
  }
}
