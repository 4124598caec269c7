import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'

export type Check = (value: unknown) => { valid: true } | { valid: false; errorMessage: string }

/** Compiles JSON Schemas; nothing is fetched. Large: import it when there is something to check. */
export function createEngine(): (schema: Record<string, unknown>) => Check {
  const engine = new AjvJsonSchemaValidator()
  return (schema) => engine.getValidator(schema)
}
