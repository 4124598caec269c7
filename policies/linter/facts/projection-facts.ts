import { parse } from '@marcbachmann/cel-js'
import type { ProjectionOptions } from '../../projections.ts'
import { always, and, compare, equivalent, type Formula, flag, implies, not, or, plus, type Sum, textIs, times } from '../formula.ts'
import type { Translator } from '../translate/condition.ts'
import type { Case, Present, Value } from '../translate/value.ts'
import { numberValue, textValue } from '../translate/value.ts'

/** What a projection is worth, and the laws that tie it to what it looks at. */
export interface ProjectionFacts {
  readonly place: Present
  /** Of a score: its sum, for those that look at it. */
  readonly sum?: Sum | undefined
  readonly values?: readonly string[] | undefined
  readonly laws: readonly Formula[]
  /** Whether the laws say all that is to be said; else a witness may be refused when the projection is computed. */
  readonly exact: boolean
}

/** `before` holds those that it looks at. */
export function projectionFacts(
  name: string,
  options: ProjectionOptions,
  translator: Translator,
  before: ReadonlyMap<string, ProjectionFacts>,
): ProjectionFacts {
  switch (options.kind) {
    case 'exclusive':
      return exclusive(name, options, translator)
    case 'score':
      return score(name, options, translator, before)
    case 'bands':
      return bands(name, options, before)
  }
}

type OptionsOf<Kind> = ProjectionOptions & { kind: Kind }
type Quantity = readonly Case<Sum>[] | undefined

function quantityOf(source: string, translator: Translator): Quantity {
  return translator.quantity(parse(source).ast)
}

const zero: Sum = { terms: new Map(), constant: 0 }

/** A quantity of several cases gets a number of its own, which each case fixes. */
function sumOf(name: string, quantity: readonly Case<Sum>[]): { sum: Sum; there: Formula; laws: Formula[] } {
  const there = or(...quantity.map(({ when }) => when))
  const [only] = quantity
  if (only !== undefined && quantity.length === 1) return { sum: only.value, there, laws: [] }
  const sum: Sum = { terms: new Map([[name, 1]]), constant: 0 }
  return { sum, there, laws: quantity.map(({ when, value }) => implies(when, compare(plus(sum, value, -1), '=='))) }
}

function unknownProjection(name: string, value: Value, values?: readonly string[]): ProjectionFacts {
  return { place: { reached: always, present: not(flag(failed(name))), value }, values, laws: [], exact: false }
}

function failed(name: string): string {
  return `projections.${name} was not computed`
}

function score(
  name: string,
  { of }: OptionsOf<'score'>,
  translator: Translator,
  before: ReadonlyMap<string, ProjectionFacts>,
): ProjectionFacts {
  let total = zero
  const there: Formula[] = []
  const laws: Formula[] = []
  let exact = true
  for (const [index, term] of of.entries()) {
    if ('projection' in term) {
      const other = before.get(term.projection)
      if (other?.sum === undefined) return unknownProjection(name, numberValue(`projections.${name}`))
      total = plus(total, times(other.sum, term.weight))
      there.push(other.place.present)
      exact &&= other.exact
      continue
    }
    const quantity = quantityOf(term.value, translator)
    if (quantity === undefined) return unknownProjection(name, numberValue(`projections.${name}`))
    const made = sumOf(`projections.${name}, term ${index + 1}`, quantity)
    total = plus(total, times(made.sum, term.weight))
    there.push(made.there)
    laws.push(...made.laws)
  }
  const value: Value = { kind: 'number', cases: [{ when: always, value: total }] }
  return { place: { reached: always, present: and(...there), value }, sum: total, laws, exact }
}

function bands(name: string, { of, bands: lowest }: OptionsOf<'bands'>, before: ReadonlyMap<string, ProjectionFacts>): ProjectionFacts {
  const text = `projections.${name}`
  const ascending = Object.entries(lowest).toSorted((left, right) => left[1] - right[1])
  const values = ['', ...ascending.map(([band]) => band)]
  const looked = before.get(of)
  const value = textValue(text, values)
  if (looked?.sum === undefined) return unknownProjection(name, value, values)
  const reaches = (from: number) => compare(plus(looked.sum ?? zero, { terms: new Map(), constant: from }, -1), '>=')
  const laws = ascending.map(([band, from], index) => {
    const next = ascending[index + 1]
    const above = next === undefined ? always : not(reaches(next[1]))
    return equivalent(textIs(text, band), and(reaches(from), above))
  })
  return { place: { ...looked.place, value }, values, laws, exact: looked.exact }
}

/**
 * Exactly one member holds: the one that is worth most, the earlier among equals. Where a share is asked for (`at_least`), what is
 * certain of shares is said: of two members all, of more only what follows from each pair.
 */
function exclusive(name: string, options: OptionsOf<'exclusive'>, translator: Translator): ProjectionFacts {
  const text = `projections.${name}`
  const values = Object.keys(options.members)
  const value = textValue(text, values)
  const members: { member: string; sum: Sum }[] = []
  const there: Formula[] = []
  const laws: Formula[] = []
  for (const [member, source] of Object.entries(options.members)) {
    const quantity = quantityOf(source, translator)
    if (quantity === undefined) return unknownProjection(name, value, values)
    const made = sumOf(`projections.${name}, ${member}`, quantity)
    members.push({ member, sum: made.sum })
    there.push(made.there)
    laws.push(...made.laws)
  }
  const isWorthMost = members.map(({ sum }, index) =>
    and(...members.flatMap((other, at) => (at === index ? [] : [compare(plus(sum, other.sum, -1), at < index ? '>' : '>=')]))),
  )
  const clear = flag(`projections.${name} is clear`)
  const asksForShare = options.at_least > 0
  for (const [index, { member }] of members.entries()) {
    const most = isWorthMost[index] ?? always
    const wins = asksForShare ? and(most, clear) : most
    const falls = asksForShare && member === options.default ? not(clear) : or()
    laws.push(equivalent(textIs(text, member), or(wins, falls)))
  }
  if (asksForShare) laws.push(...shareLaws(options, members, isWorthMost, clear))
  return {
    place: { reached: always, present: and(...there), value },
    values,
    laws,
    exact: !asksForShare || (members.length === 2 && options.at_least < 1),
  }
}

function shareLaws(
  { at_least: share, temperature }: OptionsOf<'exclusive'>,
  members: readonly { sum: Sum }[],
  isWorthMost: readonly Formula[],
  clear: Formula,
): Formula[] {
  const others = members.length - 1
  // Of the best over each other member: with all of those level, and with all but one far below.
  const odds = share / Math.max(1 - share, 1e-12)
  const leadOverAll = temperature * Math.log(others * odds) + (share < 1 ? 0 : 10 * temperature)
  const leadOverOne = temperature * Math.log(odds)
  return isWorthMost.flatMap((most, index) => {
    const leads = (lead: number) =>
      members.flatMap((other, at) => {
        const mine = members[index]?.sum ?? zero
        return at === index ? [] : [compare(plus(plus(mine, other.sum, -1), { terms: new Map(), constant: -lead }), '>=')]
      })
    return [implies(and(most, clear), and(...leads(leadOverOne))), implies(and(most, ...leads(leadOverAll)), clear)]
  })
}
