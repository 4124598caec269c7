/** Something that a caller gave cannot be used; the message says what, which rule, and what was received. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code = 'invalid_input'
}
