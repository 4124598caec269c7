import { z } from 'zod'
import type { ConfigIssue } from './config-error.ts'
import { describeValue, formatPath, valueAt } from './describe.ts'
import { nearestName } from './nearest.ts'
import { laterKeys } from './schema.ts'

type RawIssue = z.core.$ZodRawIssue

/** Checks the shape of plain data, with one issue for each thing that is wrong. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  from: ReadonlyMap<string, readonly string[]>,
): { value: z.output<Schema> } | { issues: ConfigIssue[] } {
  const parsed = schema.safeParse(data, { error: ruleOf })
  if (parsed.success) return { value: parsed.data }
  const issues = parsed.error.issues.flatMap((issue): ConfigIssue[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, issue.path, key))
    const path = formatPath(issue.path)
    if (issue.code === 'invalid_key')
      return [{ path, message: `${issue.issues[0]?.message ?? issue.message}, received ${JSON.stringify(issue.path.at(-1))}` }]
    const value = valueAt(data, issue.path)
    if (value === undefined) return [{ path, message: `is required and ${issue.message}, received nothing` }]
    return [{ path, message: `${issue.message}, received ${describeValue(value, issue.path, from.get(path))}` }]
  })
  return { issues }
}

/** The rule that was broken, in words that read on from the key. A rule that the schema words itself comes first. */
function ruleOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[String(issue.expected)] ?? `of type ${String(issue.expected)}`}`
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))}`
    case 'too_small':
      return `must ${bound('at least', Number(issue.minimum), issue.origin, issue.inclusive !== false)}`
    case 'too_big':
      return `must ${bound('at most', Number(issue.maximum), issue.origin, issue.inclusive !== false)}`
    default:
      return 'must have another form'
  }
}

const kinds: Record<string, string> = {
  string: 'text (quote a number or true/false to make it text)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function bound(words: 'at least' | 'at most', limit: number, origin: string, inclusive: boolean): string {
  if (origin === 'string') return `have ${words} ${limit} character${limit === 1 ? '' : 's'}`
  if (origin === 'array') return `hold ${words} ${limit} item${limit === 1 ? '' : 's'}`
  if (!inclusive) return words === 'at least' ? `be more than ${limit}` : `be less than ${limit}`
  return `be ${words} ${limit}`
}

function unknownKey(schema: z.ZodType, path: readonly PropertyKey[], key: string): ConfigIssue {
  const where = formatPath([...path, key])
  if (path.length === 0 && laterKeys.has(key)) return { path: where, message: 'is not in this version yet: remove it' }
  const known = knownKeys(schema, path)
  const nearest = nearestName(key, known)
  const hint = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${JSON.stringify(nearest)}?`
  return { path: where, message: `must be a known key, received ${JSON.stringify(key.slice(0, 80))} (${hint})` }
}

/** The keys that the schema has at a path. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: z.ZodType = inner(schema)
  for (const segment of path) {
    if (here instanceof z.ZodObject) here = inner(here.shape[String(segment)] as z.ZodType)
    else if (here instanceof z.ZodRecord) here = inner(here.valueType as z.ZodType)
    else if (here instanceof z.ZodArray) here = inner(here.element as z.ZodType)
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}

function inner(schema: z.ZodType): z.ZodType {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
  return wrapped ? inner(schema.unwrap() as z.ZodType) : schema
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
