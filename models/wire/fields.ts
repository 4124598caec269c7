import { isRecord } from '../providers/failure.ts'
import { ClientRequestError } from './client-format.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What was expected, and what stood there: cut, since a body may hold anything. */
export function mismatch(field: string, rule: string, received: unknown): ClientRequestError {
  return new ClientRequestError(field, `must be ${rule}, received ${shown(received)}`)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Absent and `null` are the same: clients send back what SDKs filled in. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

export function fieldsAt(value: unknown, field: string): Fields {
  if (!isRecord(value)) throw mismatch(field, 'an object', value)
  return value
}

export function listAt(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(field, 'a list', value)
  return value
}

export function textAt(value: unknown, field: string): string {
  if (typeof value !== 'string') throw mismatch(field, 'a string', value)
  return value
}

/** Names of models and tools, ids of calls. */
export function nameAt(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw mismatch(field, 'a string that is not empty', value)
  return value
}

export function optionalText(value: unknown, field: string): string | undefined {
  return isAbsent(value) ? undefined : textAt(value, field)
}

export function optionalFlag(value: unknown, field: string): boolean | undefined {
  if (isAbsent(value)) return undefined
  if (typeof value !== 'boolean') throw mismatch(field, 'true or false', value)
  return value
}

/** A number from 0 to 1. */
export function optionalShare(value: unknown, field: string): number | undefined {
  if (isAbsent(value)) return undefined
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw mismatch(field, 'a number from 0 to 1', value)
  return value
}

export function countAt(value: unknown, least: number, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw mismatch(field, `an integer of at least ${least}`, value)
  }
  return value
}

export function optionalNumber(value: unknown, field: string): number | undefined {
  if (isAbsent(value)) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) throw mismatch(field, 'a number', value)
  return value
}

export function optionalCount(value: unknown, field: string): number | undefined {
  return isAbsent(value) ? undefined : countAt(value, 1, field)
}

export function optionalList(value: unknown, field: string): readonly unknown[] {
  return isAbsent(value) ? [] : listAt(value, field)
}

/**
 * Fields that say something and are not among the known. Paths are without positions: a field that stands in each of a
 * hundred messages is one.
 */
export function noteOthers(fields: Fields, known: ReadonlySet<string>, at: string, untranslated: Set<string>): void {
  for (const name in fields) {
    const value = fields[name]
    if (known.has(name) || isAbsent(value) || value === false) continue
    untranslated.add(at === '' ? name : `${at}.${name}`)
  }
}
