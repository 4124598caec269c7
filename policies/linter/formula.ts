/**
 * What a condition says, as logic: atoms over named facts of a step, joined by and, or, not.
 *
 * A fact is a flag (true or false), a number or a text. Numbers are compared with constants, alone (`bound`) or as a weighted sum
 * (`linear`); texts by one of a few tests. `opaque` stands for what has no translation: it may be true or false as it likes.
 */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'not'; readonly of: Formula }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Formula[] }

export type Atom =
  | { readonly kind: 'flag'; readonly name: string }
  /** `number <= limit`, or `<` when strict. */
  | { readonly kind: 'bound'; readonly number: string; readonly limit: number; readonly strict: boolean }
  /** The sum of the terms is `<= limit`, or `<` when strict; two numbers at least. */
  | { readonly kind: 'linear'; readonly terms: ReadonlyMap<string, number>; readonly limit: number; readonly strict: boolean }
  | { readonly kind: 'text'; readonly text: string; readonly test: TextTest }
  | { readonly kind: 'opaque'; readonly source: string }

export type TextTest =
  | { readonly kind: 'is' | 'contains' | 'startsWith' | 'endsWith' | 'matches'; readonly value: string }
  /** At most so many characters (code points). */
  | { readonly kind: 'length'; readonly most: number }
  /** One of a keyword signal's words stands in it. */
  | { readonly kind: 'keyword'; readonly signal: string }

export const always: Formula = { kind: 'constant', value: true }
export const never: Formula = { kind: 'constant', value: false }

export function atom(of: Atom): Formula {
  return { kind: 'atom', atom: of }
}

export function flag(name: string): Formula {
  return atom({ kind: 'flag', name })
}

export function textIs(text: string, value: string): Formula {
  return atom({ kind: 'text', text, test: { kind: 'is', value } })
}

export function not(of: Formula): Formula {
  if (of.kind === 'constant') return of.value ? never : always
  return of.kind === 'not' ? of.of : { kind: 'not', of }
}

export function and(...of: readonly Formula[]): Formula {
  return joined('and', of)
}

export function or(...of: readonly Formula[]): Formula {
  return joined('or', of)
}

export function implies(condition: Formula, conclusion: Formula): Formula {
  return or(not(condition), conclusion)
}

export function equivalent(left: Formula, right: Formula): Formula {
  return and(implies(left, right), implies(right, left))
}

function joined(kind: 'and' | 'or', of: readonly Formula[]): Formula {
  const deciding = kind === 'or'
  const open = of.flatMap((one) => (one.kind === kind ? one.of : [one])).filter((one) => one.kind !== 'constant' || one.value === deciding)
  if (open.some((one) => one.kind === 'constant')) return deciding ? always : never
  const [only] = open
  if (only === undefined) return deciding ? never : always
  return open.length === 1 ? only : { kind, of: open }
}

/** The same for atoms that say the same. */
export function keyOf(one: Atom): string {
  switch (one.kind) {
    case 'flag':
      return `flag ${one.name}`
    case 'bound':
      return `bound ${one.number} ${one.strict ? '<' : '<='} ${one.limit}`
    case 'linear':
      return `linear ${[...one.terms].map(([name, factor]) => `${factor} ${name}`).join(' + ')} ${one.strict ? '<' : '<='} ${one.limit}`
    case 'text':
      return `text ${one.text} ${JSON.stringify(one.test)}`
    case 'opaque':
      return `opaque ${one.source}`
  }
}

/** Each atom in it, once. */
export function atomsIn(formula: Formula, found = new Map<string, Atom>()): Map<string, Atom> {
  if (formula.kind === 'atom') found.set(keyOf(formula.atom), formula.atom)
  else if (formula.kind === 'not') atomsIn(formula.of, found)
  else if (formula.kind !== 'constant') for (const one of formula.of) atomsIn(one, found)
  return found
}

/** A sum of numbers with weights, and a constant. */
export interface Sum {
  readonly terms: ReadonlyMap<string, number>
  readonly constant: number
}

export function plus(left: Sum, right: Sum, factor = 1): Sum {
  const terms = new Map(left.terms)
  for (const [name, weight] of right.terms) {
    const sum = (terms.get(name) ?? 0) + factor * weight
    if (sum === 0) terms.delete(name)
    else terms.set(name, sum)
  }
  return { terms, constant: left.constant + factor * right.constant }
}

export function times(sum: Sum, factor: number): Sum {
  return plus({ terms: new Map(), constant: 0 }, sum, factor)
}

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!='

/** `sum` against zero. */
export function compare(sum: Sum, comparison: Comparison): Formula {
  switch (comparison) {
    case '<':
      return atMost(sum, true)
    case '<=':
      return atMost(sum, false)
    case '>':
      return not(atMost(sum, false))
    case '>=':
      return not(atMost(sum, true))
    case '==':
      return and(atMost(sum, false), not(atMost(sum, true)))
    case '!=':
      return or(not(atMost(sum, false)), atMost(sum, true))
  }
}

function atMost({ terms, constant }: Sum, strict: boolean): Formula {
  const entries = [...terms].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const [first] = entries
  if (first === undefined) return (strict ? constant < 0 : constant <= 0) ? always : never
  // One form for each fact: the first number has the factor 1, so that what says the same is the same atom.
  const [name, factor] = first
  const limit = -constant / factor || 0
  const turned = factor < 0
  const one: Atom =
    entries.length === 1
      ? { kind: 'bound', number: name, limit, strict: strict !== turned }
      : { kind: 'linear', terms: new Map(entries.map(([key, weight]) => [key, weight / factor])), limit, strict: strict !== turned }
  // Divided by a negative factor, `sum <= 0` is `sum >= 0`: what is not below.
  return turned ? not(atom(one)) : atom(one)
}
