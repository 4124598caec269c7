import { type Atom, atomsIn, type Formula, keyOf, textIs } from '../formula.ts'
import { numberFact, textFact, type Vocabulary } from '../vocabulary.ts'
import { type Constraint, solveLinear } from './linear.ts'
import { type Bound, byReach, rangeOf, settled, settledSum, toldByRange, valueIn } from './numbers.ts'
import { createSatSolver, type Literal } from './sat.ts'
import { chooseText, passes, type TextDemand, textLaws } from './texts.ts'

/** Values of facts under which what was asked holds. What does not matter has its usual value. */
export interface Model {
  flag(name: string): boolean
  number(name: string): number
  text(name: string): string
}

export type Answer =
  | { readonly kind: 'possible'; readonly model: Model }
  /** Proven. `core`: positions of formulas that were asked for and cannot hold together, whatever the others. */
  | { readonly kind: 'impossible'; readonly core: readonly number[] }
  /** Neither values nor a proof were found. */
  | { readonly kind: 'unknown' }

export interface World {
  /**
   * Whether all can hold at once. Formulas may use the atoms that the world was made with, and no others.
   * A model that `accept` refuses is not taken; when only such were found the answer is `unknown`.
   */
  solve(asked: readonly Formula[], accept?: (model: Model) => boolean): Answer
}

export interface WorldOptions {
  readonly vocabulary: Vocabulary
  /** All that will be asked for: its atoms are the world's. */
  readonly formulas: readonly Formula[]
  /** What holds in any case. */
  readonly laws: readonly Formula[]
}

interface LinearLiteral extends Bound {
  readonly terms: ReadonlyMap<string, number>
  /** The same for sums of the same terms. */
  readonly key: string
  readonly literal: Literal
}

/** How many models are looked at before a question is given up. */
const maxRefused = 24

/**
 * Conditions of all rules over one set of facts: satisfiability of what they say, with what is known of numbers and texts.
 *
 * Order of bounds and all that can be told of two tests of one text are written out as clauses; sums, and texts as a whole, are
 * looked at when all else is settled.
 */
export function createWorld({ vocabulary, formulas, laws }: WorldOptions): World {
  const sat = createSatSolver()
  const atoms = new Map<string, Atom>()
  for (const formula of [...formulas, ...laws]) atomsIn(formula, atoms)
  addValues(atoms, vocabulary)

  const truth = sat.variable()
  sat.clause([truth])
  const literals = new Map<string, Literal>()
  const bounds = new Map<string, (Bound & { literal: Literal })[]>()
  const texts = new Map<string, { atom: Atom & { kind: 'text' }; literal: Literal }[]>()
  const linear: LinearLiteral[] = []
  for (const [key, one] of atoms) literals.set(key, literalOfAtom(one))
  addBoundLaws()
  addTextLaws()
  const known = new Map<Formula, Literal>()
  const subjectsOfFormulas = new Map<Formula, readonly string[]>()
  const lawLiterals = laws.map(literalOf)
  for (const literal of lawLiterals) sat.clause([literal])
  const linked = linksOf(laws)

  function literalOfAtom(one: Atom): Literal {
    if (one.kind === 'bound') return boundLiteral(one)
    if (one.kind === 'linear') return linearLiteral(one)
    const literal = sat.variable(one.kind === 'text' && passes(one.test, textFact(vocabulary, one.text).usual, vocabulary))
    if (one.kind === 'text') texts.set(one.text, [...(texts.get(one.text) ?? []), { atom: one, literal }])
    return literal
  }

  function boundLiteral(one: Atom & { kind: 'bound' }): Literal {
    const fact = numberFact(vocabulary, one.number)
    const told = toldByRange(one, fact)
    if (told !== undefined) return told ? truth : -truth
    const bound = settled(one, fact)
    const all = bounds.get(one.number) ?? []
    bounds.set(one.number, all)
    const same = all.find(({ limit, strict }) => limit === bound.limit && strict === bound.strict)
    if (same !== undefined) return same.literal
    const literal = sat.variable(fact.usual < bound.limit || (fact.usual === bound.limit && !bound.strict))
    all.push({ ...bound, literal })
    return literal
  }

  function linearLiteral(one: Atom & { kind: 'linear' }): Literal {
    const bound = settledSum(one, (name) => numberFact(vocabulary, name))
    const terms = keyOf({ ...one, limit: 0, strict: false })
    const same = linear.find((other) => other.key === terms && other.limit === bound.limit && other.strict === bound.strict)
    if (same !== undefined) return same.literal
    const literal = sat.variable()
    linear.push({ ...bound, terms: one.terms, key: terms, literal })
    return literal
  }

  function addBoundLaws(): void {
    const sums = Map.groupBy(linear, ({ key }) => key)
    for (const all of [...bounds.values(), ...sums.values()]) {
      all.sort(byReach)
      all.forEach(({ literal }, index) => {
        const next = all[index + 1]
        if (next !== undefined) sat.clause([-literal, next.literal])
      })
    }
  }

  function addTextLaws(): void {
    for (const [name, all] of texts) {
      const fact = textFact(vocabulary, name)
      const tests = all.map(({ atom: { test } }) => test)
      for (const { refused } of textLaws(tests, fact, vocabulary)) {
        sat.clause(refused.map(([index, wanted]) => (wanted ? -1 : 1) * (all[index]?.literal ?? 0)))
      }
      if (fact.values === undefined) continue
      sat.clause(
        all.flatMap(({ atom: { test }, literal }) => (test.kind === 'is' && fact.values?.includes(test.value) === true ? [literal] : [])),
      )
    }
  }

  /** A variable that is true just when the formula is. */
  function literalOf(formula: Formula): Literal {
    if (formula.kind === 'constant') return formula.value ? truth : -truth
    if (formula.kind === 'not') return -literalOf(formula.of)
    const made = known.get(formula)
    if (made !== undefined) return made
    if (formula.kind === 'atom') {
      const literal = literals.get(keyOf(formula.atom))
      if (literal === undefined) throw new RangeError(`Cannot ask for ${keyOf(formula.atom)}: the world was made without it`)
      known.set(formula, literal)
      return literal
    }
    const parts = formula.of.map(literalOf)
    const whole = sat.variable()
    known.set(formula, whole)
    const sign = formula.kind === 'and' ? 1 : -1
    for (const part of parts) sat.clause([-whole * sign, part * sign])
    sat.clause([whole * sign, ...parts.map((part) => -part * sign)])
    return whole
  }

  function subjectsIn(formula: Formula): readonly string[] {
    if (formula.kind === 'not') return subjectsIn(formula.of)
    const known = subjectsOfFormulas.get(formula)
    if (known !== undefined) return known
    const found = [...new Set([...atomsIn(formula).values()].flatMap(subjectsOf))]
    subjectsOfFormulas.set(formula, found)
    return found
  }

  /** The variables that a question is about: of its atoms, and of all that laws tie to them. */
  function scopeOf(asked: readonly Formula[]): number[] {
    const open = asked.flatMap(subjectsIn)
    const subjects = new Set<string>()
    while (open.length > 0) {
      const subject = open.pop() ?? ''
      if (subjects.has(subject)) continue
      subjects.add(subject)
      open.push(...(linked.get(subject) ?? []))
    }
    const scope = new Set<number>()
    for (const subject of subjects) {
      for (const { literal } of bounds.get(subject) ?? []) scope.add(literal)
      for (const { literal } of texts.get(subject) ?? []) scope.add(literal)
      const own = ownLiterals.get(subject)
      if (own !== undefined) scope.add(Math.abs(own))
    }
    for (const { terms, literal } of linear) if ([...terms.keys()].some((name) => subjects.has(name))) scope.add(literal)
    return [...scope]
  }

  /** Of flags and opaque atoms, by subject. */
  const ownLiterals = new Map(
    [...atoms].flatMap(([key, one]) => (one.kind === 'flag' || one.kind === 'opaque' ? [[subjectOf(one), literals.get(key) ?? 0]] : [])),
  )

  function constraintsNow(): { constraints: Constraint[]; numbers: ReadonlySet<string> } {
    const constraints: Constraint[] = []
    const numbers = new Set<string>()
    const push = (terms: ReadonlyMap<string, number>, { limit, strict }: Bound, literal: Literal) => {
      const value = sat.value(Math.abs(literal))
      if (value === undefined) return false
      const holds = value === literal > 0
      const because = new Set([holds ? -literal : literal])
      if (holds) constraints.push({ terms, limit, strict, because })
      else
        constraints.push({ terms: new Map([...terms].map(([name, factor]) => [name, -factor])), limit: -limit, strict: !strict, because })
      return true
    }
    for (const one of linear) {
      if (push(one.terms, one, one.literal)) for (const name of one.terms.keys()) numbers.add(name)
    }
    for (const name of numbers) {
      const { least, most } = numberFact(vocabulary, name)
      if (Number.isFinite(least)) constraints.push({ terms: new Map([[name, -1]]), limit: -least, strict: false, because: new Set() })
      if (Number.isFinite(most)) constraints.push({ terms: new Map([[name, 1]]), limit: most, strict: false, because: new Set() })
      for (const bound of bounds.get(name) ?? []) push(new Map([[name, 1]]), bound, bound.literal)
    }
    return { constraints, numbers }
  }

  function modelOf(linearValues: ReadonlyMap<string, number>): { model: Model } | { refused: Literal[]; sure: boolean } {
    const numbers = new Map(linearValues)
    for (const [name, all] of bounds) {
      if (numbers.has(name)) continue
      const assigned = all.flatMap(({ limit, strict, literal }) => {
        const holds = sat.value(literal)
        return holds === undefined ? [] : [{ limit, strict, literal, holds }]
      })
      const fact = numberFact(vocabulary, name)
      const value = valueIn(rangeOf(assigned, fact), fact)
      if (value === undefined) return { refused: assigned.map(({ literal, holds }) => (holds ? -literal : literal)), sure: false }
      numbers.set(name, value)
    }
    const written = new Map<string, string>()
    for (const [name, all] of texts) {
      const demands: (TextDemand & { literal: Literal })[] = all.flatMap(({ atom: { test }, literal }) => {
        const wanted = sat.value(literal)
        return wanted === undefined ? [] : [{ test, wanted, literal }]
      })
      const text = chooseText(demands, textFact(vocabulary, name), vocabulary)
      if (text === undefined) return { refused: demands.map(({ literal, wanted }) => (wanted ? -literal : literal)), sure: false }
      written.set(name, text)
    }
    const flags = new Map([...ownLiterals].map(([subject, literal]) => [subject, sat.value(literal) === true]))
    return {
      model: {
        flag: (name) => flags.get(`flag ${name}`) ?? false,
        number: (name) => numbers.get(name) ?? valueIn(rangeOf([], numberFact(vocabulary, name)), numberFact(vocabulary, name)) ?? 0,
        text: (name) => written.get(name) ?? textFact(vocabulary, name).usual,
      },
    }
  }

  function solve(asked: readonly Formula[], accept: (model: Model) => boolean = () => true): Answer {
    const wanted = asked.map(literalOf)
    const scope = scopeOf(asked)
    const question = sat.variable()
    let found: Model | undefined
    let refusals = 0
    const check = (): readonly Literal[] | undefined => {
      const { constraints } = constraintsNow()
      const sums = solveLinear(constraints, (name) => numberFact(vocabulary, name))
      if (sums.kind === 'impossible') return [...sums.because]
      const settledNow =
        sums.kind === 'possible' ? modelOf(sums.values) : { refused: constraints.flatMap(({ because }) => [...because]), sure: false }
      if ('model' in settledNow && accept(settledNow.model)) {
        found = settledNow.model
        return undefined
      }
      refusals += 1
      if (refusals > maxRefused) return [-question]
      const refused =
        'refused' in settledNow
          ? settledNow.refused
          : scope.flatMap((one) => (sat.value(one) === undefined ? [] : [sat.value(one) === true ? -one : one]))
      return [-question, ...refused]
    }
    if (sat.solve([question, ...wanted], scope, check))
      return found === undefined ? { kind: 'unknown' } : { kind: 'possible', model: found }
    if (refusals > 0) return { kind: 'unknown' }
    const core = new Set(sat.core())
    return { kind: 'impossible', core: wanted.flatMap((literal, index) => (core.has(literal) || literal === -truth ? [index] : [])) }
  }

  return { solve }
}

/** What an atom is about, so that laws can tie one subject to another. */
function subjectOf(one: Atom): string {
  if (one.kind === 'bound') return one.number
  if (one.kind === 'text') return one.text
  if (one.kind === 'linear') return [...one.terms.keys()][0] ?? ''
  return one.kind === 'flag' ? `flag ${one.name}` : `opaque ${one.source}`
}

function subjectsOf(one: Atom): string[] {
  return one.kind === 'linear' ? [...one.terms.keys()] : [subjectOf(one)]
}

/** Subjects that stand in one law, or in one sum, belong together. */
function linksOf(laws: readonly Formula[]): Map<string, Set<string>> {
  const links = new Map<string, Set<string>>()
  for (const law of laws) {
    const subjects = [...atomsIn(law).values()].flatMap(subjectsOf)
    for (const one of subjects) links.set(one, new Set([...(links.get(one) ?? []), ...subjects]))
  }
  return links
}

/** A text with a list of values is one of them: each needs its atom. */
function addValues(atoms: Map<string, Atom>, vocabulary: Vocabulary): void {
  for (const one of [...atoms.values()]) {
    if (one.kind !== 'text') continue
    for (const value of textFact(vocabulary, one.text).values ?? []) atomsIn(textIs(one.text, value), atoms)
  }
}
