import { countAt, isAbsent, listAt, mismatch } from './fields.ts'

export { type Fields, fieldsAt, mismatch, nameAt, noteOthers, optionalFlag, optionalText, textAt } from './fields.ts'

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
