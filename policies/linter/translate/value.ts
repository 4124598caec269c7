import { always, and, type Formula, flag, not, type Sum } from '../formula.ts'

/**
 * What an expression of CEL is worth, in formulas.
 *
 * An expression can fail: a fact is missing, a type does not fit. So what is true and what is false are told apart, and neither
 * holds where it fails; numbers and texts come as cases, of which none holds then.
 */
export type Value = Truth | Numbers | Texts | Length | Names | Entries | Any

export interface Truth {
  readonly kind: 'truth'
  readonly isTrue: Formula
  readonly isFalse: Formula
}

export interface Numbers {
  readonly kind: 'number'
  readonly cases: readonly Case<Sum>[]
}

export interface Texts {
  readonly kind: 'text'
  readonly cases: readonly Case<TextValue>[]
}

export interface Case<Worth> {
  readonly when: Formula
  readonly value: Worth
}

export type TextValue = { readonly constant: string } | { readonly text: string; readonly values?: readonly string[] | undefined }

/** How many characters a text has. */
export interface Length {
  readonly kind: 'length'
  readonly cases: Texts['cases']
}

/** A list of texts of which nothing is known but which it holds. */
export interface Names {
  readonly kind: 'names'
  has(name: string): Formula
}

/** Texts by name. */
export interface Entries {
  readonly kind: 'entries'
  entry(key: string): Present
}

/** Of any type: what a client sent. */
export interface Any {
  readonly kind: 'any'
  readonly name: string
  readonly present: Formula
  entry(key: string): Present
}

/** What can be missing. Where `reached` does not hold, even asking `has()` fails. */
export interface Present {
  readonly reached: Formula
  readonly present: Formula
  readonly value: Value
}

/** The value of a dotted name; `undefined` when there is no such fact. */
export type Resolve = (path: readonly string[]) => Present | undefined

/** Something in a condition that has no translation; the message says why. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable'
}

export function refuse(reason: string): never {
  throw new Untranslatable(reason)
}

export function truth(isTrue: Formula, isFalse: Formula = not(isTrue)): Truth {
  return { kind: 'truth', isTrue, isFalse }
}

export function flagValue(name: string): Truth {
  return truth(flag(name))
}

export function numberValue(name: string): Numbers {
  return { kind: 'number', cases: [{ when: always, value: { terms: new Map([[name, 1]]), constant: 0 } }] }
}

export function textValue(text: string, values?: readonly string[]): Texts {
  return { kind: 'text', cases: [{ when: always, value: { text, values } }] }
}

export function constantValue(value: unknown): Value {
  if (typeof value === 'boolean') return truth({ kind: 'constant', value })
  if (typeof value === 'string') return { kind: 'text', cases: [{ when: always, value: { constant: value } }] }
  const number = typeof value === 'number' ? value : Number(value)
  if (value === null || Number.isNaN(number)) return refuse('only numbers, texts, true and false are looked into')
  return { kind: 'number', cases: [{ when: always, value: { terms: new Map(), constant: number } }] }
}

/** What is always there. */
export function present(value: Value): Present {
  return { reached: always, present: always, value }
}

/** The value where it is there; it fails where it is not. */
export function found({ reached, present: there, value }: Present): Value {
  const when = and(reached, there)
  switch (value.kind) {
    case 'truth':
      return truth(and(when, value.isTrue), and(when, value.isFalse))
    case 'number':
      return { kind: 'number', cases: guarded(value.cases, when) }
    case 'text':
    case 'length':
      return { kind: value.kind, cases: guarded(value.cases, when) }
    case 'any':
      return { ...value, present: and(when, value.present) }
    default:
      return value
  }
}

export function guarded<Worth>(cases: readonly Case<Worth>[], when: Formula): Case<Worth>[] {
  return cases.map((one) => ({ when: and(when, one.when), value: one.value }))
}

export function paired<Left, Right>(left: readonly Case<Left>[], right: readonly Case<Right>[]): Case<readonly [Left, Right]>[] {
  return left.flatMap((one) => right.map((other) => ({ when: and(one.when, other.when), value: [one.value, other.value] as const })))
}
