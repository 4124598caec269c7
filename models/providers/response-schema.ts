import { isRecord } from './failure.ts'

/**
 * Whether a JSON Schema says all that the vendors' strict modes ask for: each object lists every property as required
 * and allows no other. Sent as strict without it, a schema is refused with a 400.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema)
  if (!isRecord(schema)) return true
  if (schema['type'] === 'object' || schema['properties'] !== undefined) {
    const properties = isRecord(schema['properties']) ? Object.keys(schema['properties']) : []
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    if (schema['additionalProperties'] !== false || !properties.every((name) => required.includes(name))) return false
  }
  return Object.values(schema).every(isStrictSchema)
}

/** For models and schemas that the provider cannot hold to: the demand in words. */
export function schemaInWords(schema: Record<string, unknown>): string {
  return `Answer with nothing but one JSON value that follows this JSON Schema:\n${JSON.stringify(schema)}`
}
