import { z } from 'zod'

/** Names that reach an object's prototype instead of a member. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** A top-level key, or a JSON Pointer (RFC 6901) when it begins with `/`. */
const place = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => partsOf(text).every((part) => !forbidden.has(part)), 'must not name a prototype')
  .refine((text) => !text.startsWith('/') || !/~(?![01])/.test(text), 'must be a JSON Pointer: ~ is written ~0, / is written ~1')

const places = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .superRefine((entries, context) => {
      for (const key of Object.keys(entries)) {
        for (const issue of place.safeParse(key).error?.issues ?? [])
          context.addIssue({ code: 'custom', path: [key], message: issue.message })
      }
    })
    .default({})

export const rewriteSchema = z
  .strictObject({
    set: places(z.json()),
    remove: z.array(place).max(100).default([]),
    at_most: places(z.number().min(0)),
  })
  .refine(
    ({ set, remove, at_most }) => Object.keys(set).length + remove.length + Object.keys(at_most).length > 0,
    'must set, remove or limit something',
  )

export type Rewrite = z.infer<typeof rewriteSchema>

/** An argument that is to be set stands inside something that holds no members. */
export class RewriteError extends Error {
  override readonly name = 'RewriteError'
  readonly code = 'rewrite_failed'
}

/**
 * The arguments as a rule wants them: first removed, then limited, then set. `changes` says what became different, in
 * words without values of the caller's.
 *
 * `at_most` lowers a number, cuts a text to so many characters and a list to so many items; what is not there stays away.
 *
 * @throws {RewriteError}
 */
export function rewriteArguments(
  args: Readonly<Record<string, unknown>>,
  { set, remove, at_most }: Rewrite,
): { arguments: Record<string, unknown>; changes: string[] } {
  const rewritten = structuredClone(args) as Record<string, unknown>
  const changes: string[] = []

  for (const key of remove) {
    const found = find(rewritten, key)
    if (found === undefined || found.value === undefined) continue
    if (Array.isArray(found.holder)) found.holder.splice(Number(found.member), 1)
    else delete found.holder[found.member]
    changes.push(`${key} was removed`)
  }
  for (const [key, most] of Object.entries(at_most)) {
    const found = find(rewritten, key)
    const limited = found && limit(found.value, most)
    if (found === undefined || limited === undefined) continue
    put(found, limited)
    changes.push(`${key} was limited to ${most}`)
  }
  for (const [key, value] of Object.entries(set)) {
    const found = findOrMake(rewritten, key)
    if (isSame(found.value, value)) continue
    put(found, structuredClone(value))
    changes.push(`${key} was set to ${(JSON.stringify(value)).slice(0, 100)}`)
  }
  return { arguments: rewritten, changes }
}

type Holder = Record<string, unknown> | unknown[]

interface Place {
  readonly holder: Holder
  readonly member: string
  readonly value: unknown
}

function find(root: Holder, key: string): Place | undefined {
  const parts = partsOf(key)
  let holder: unknown = root
  for (const part of parts.slice(0, -1)) holder = member(holder, part)
  const last = parts.at(-1) ?? ''
  return isHolder(holder) ? { holder, member: last, value: member(holder, last) } : undefined
}

/** Objects that are missing on the way are made. */
function findOrMake(root: Record<string, unknown>, key: string): Place {
  const parts = partsOf(key)
  let holder: Holder = root
  for (const part of parts.slice(0, -1)) {
    let next = member(holder, part)
    if (next === undefined && !Array.isArray(holder)) {
      next = {}
      holder[part] = next
    }
    if (!isHolder(next)) throw new RewriteError(`${key} cannot be set: ${part} holds no members`)
    holder = next
  }
  const last = parts.at(-1) ?? ''
  const value = member(holder, last)
  if (Array.isArray(holder) && value === undefined) throw new RewriteError(`${key} cannot be set: the list has no item ${last}`)
  return { holder, member: last, value }
}

function put({ holder, member: name }: Place, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(name)] = value
  else holder[name] = value
}

function member(holder: unknown, name: string): unknown {
  if (Array.isArray(holder)) return /^(0|[1-9]\d*)$/.test(name) ? holder[Number(name)] : undefined
  return isHolder(holder) && Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
}

/** `undefined` when it is within the limit, or of a kind that has none. */
function limit(value: unknown, most: number): unknown {
  if (typeof value === 'number') return value > most ? most : undefined
  if (typeof value === 'string') return value.length > most ? value.slice(0, most).toWellFormed() : undefined
  if (Array.isArray(value)) return value.length > most ? value.slice(0, most) : undefined
  return undefined
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function partsOf(key: string): string[] {
  if (!key.startsWith('/')) return [key]
  return key
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
