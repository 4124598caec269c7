import { z } from 'zod'

/** The literal that a policy file writes as `kind`. @throws {TypeError} If the schema has none. */
export function kindName({ schema }: { readonly schema: z.ZodObject }): string {
  const literal: unknown = schema.shape['kind']
  if (literal instanceof z.ZodLiteral && typeof literal.value === 'string') return literal.value
  throw new TypeError("Cannot use a kind of signal or selector: its schema must have kind: z.literal('a-name')")
}
