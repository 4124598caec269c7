import { z } from 'zod'

type JsonObject = Record<string, unknown>

const cache = new WeakMap<z.ZodObject, Map<'input' | 'output', JsonObject>>()

/**
 * The JSON Schema of an operation's input or output, made once.
 *
 * It tells a model what to send; what is accepted is decided by the zod object alone. So what costs tokens and tells
 * nothing is left out: the dialect, closed objects, and the range of every integer.
 */
export function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): JsonObject {
  const known = cache.get(schema) ?? new Map<'input' | 'output', JsonObject>()
  cache.set(schema, known)
  const made = known.get(io) ?? (slim(z.toJSONSchema(schema, { io, reused: 'inline', unrepresentable: 'any' })) as JsonObject)
  known.set(io, made)
  return made
}

/** The schema without what costs tokens and tells a model nothing. */
export function slim(schema: unknown, isMap = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => slim(item))
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(([key, value]) => isMap || !tellsNothing(key, value))
  return Object.fromEntries(kept.map(([key, value]) => [key, isLiteral(key) && !isMap ? value : slim(value, !isMap && namesSchemas(key))]))
}

function tellsNothing(key: string, value: unknown): boolean {
  switch (key) {
    case '$schema':
    case 'propertyNames':
      return true
    case 'additionalProperties':
      return value === false || isEmpty(value)
    case 'maximum':
      return value === Number.MAX_SAFE_INTEGER
    case 'minimum':
      return value === Number.MIN_SAFE_INTEGER
    default:
      return false
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Keys whose values hold schemas under names of the author's own. */
function namesSchemas(key: string): boolean {
  return key === 'properties' || key === '$defs'
}

function isLiteral(key: string): boolean {
  return key === 'default' || key === 'const' || key === 'enum' || key === 'examples'
}
