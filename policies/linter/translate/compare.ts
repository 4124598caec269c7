import { always, and, atom, type Comparison, compare, type Formula, flag, never, not, or, plus, type TextTest, textIs } from '../formula.ts'
import { type Any, type Case, type Numbers, paired, refuse, type TextValue, type Truth, truth, type Value } from './value.ts'

/** `left == right`, as CEL means it. */
export function equal(left: Value, right: Value): Truth {
  if (left.kind === 'any') return equalAny(left, right)
  if (right.kind === 'any') return equalAny(right, left)
  if (left.kind === 'length' || right.kind === 'length') return ordered(left, '==', right)
  if (left.kind === 'truth' && right.kind === 'truth') {
    return truth(
      or(and(left.isTrue, right.isTrue), and(left.isFalse, right.isFalse)),
      or(and(left.isTrue, right.isFalse), and(left.isFalse, right.isTrue)),
    )
  }
  if (left.kind === 'number' && right.kind === 'number') return ordered(left, '==', right)
  if (left.kind === 'text' && right.kind === 'text') return byCases(paired(left.cases, right.cases), ([one, other]) => sameText(one, other))
  return refuse('such things are not compared')
}

/** Numbers, and lengths with numbers that are written out. */
export function ordered(left: Value, comparison: Comparison, right: Value): Truth {
  if (left.kind === 'length') return lengthOrdered(left.cases, comparison, constantOf(right))
  if (right.kind === 'length') return lengthOrdered(right.cases, turned[comparison], constantOf(left))
  if (left.kind === 'any' && right.kind === 'number') return orderedAny(left, comparison, right)
  if (right.kind === 'any' && left.kind === 'number') return orderedAny(right, turned[comparison], left)
  if (left.kind !== 'number' || right.kind !== 'number') return refuse('only numbers are put in order')
  return byCases(paired(left.cases, right.cases), ([one, other]) => compare(plus(one, other, -1), comparison))
}

/** `text.contains("x")` and its like. */
export function tested(value: Value, test: TextTest): Truth {
  if (value.kind === 'any') {
    const isText = and(value.present, typeIs(value, 'text'))
    const holds = atom({ kind: 'text', text: value.name, test })
    return truth(and(isText, holds), and(isText, not(holds)))
  }
  if (value.kind !== 'text') return refuse('only texts are looked into')
  return byCases(value.cases, (one) => testOf(one, test))
}

const turned: Record<Comparison, Comparison> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' }

function byCases<Worth>(cases: readonly Case<Worth>[], holds: (value: Worth) => Formula): Truth {
  const judged = cases.map(({ when, value }) => ({ when, holds: holds(value) }))
  return truth(or(...judged.map((one) => and(one.when, one.holds))), or(...judged.map((one) => and(one.when, not(one.holds)))))
}

function sameText(left: TextValue, right: TextValue): Formula {
  if ('constant' in left)
    return 'constant' in right ? (left.constant === right.constant ? always : never) : textIs(right.text, left.constant)
  if ('constant' in right) return textIs(left.text, right.constant)
  if (left.text === right.text) return always
  const { values: ones, text } = left
  const others = right.values
  if (ones === undefined || others === undefined) return refuse('two texts that can be anything are not compared')
  return or(...ones.filter((one) => others.includes(one)).map((one) => and(textIs(text, one), textIs(right.text, one))))
}

function testOf(value: TextValue, test: TextTest): Formula {
  if (!('constant' in value)) return atom({ kind: 'text', text: value.text, test })
  const { constant } = value
  switch (test.kind) {
    case 'contains':
      return constant.includes(test.value) ? always : never
    case 'startsWith':
      return constant.startsWith(test.value) ? always : never
    case 'endsWith':
      return constant.endsWith(test.value) ? always : never
    case 'matches':
      return new RegExp(test.value).test(constant) ? always : never
    case 'length':
      return [...constant].length <= test.most ? always : never
    default:
      return refuse('such a test of a written text is not looked into')
  }
}

function constantOf(value: Value): number {
  const only = value.kind === 'number' && value.cases.length === 1 ? value.cases[0] : undefined
  if (only === undefined || only.value.terms.size > 0) return refuse('a size is compared only with a number that is written out')
  return only.value.constant
}

function lengthOrdered(cases: readonly Case<TextValue>[], comparison: Comparison, limit: number): Truth {
  const most = (value: TextValue, count: number) => testOf(value, { kind: 'length', most: count })
  return byCases(cases, (value) => {
    const below = most(value, Math.ceil(limit) - 1)
    const upTo = most(value, Math.floor(limit))
    switch (comparison) {
      case '<':
        return below
      case '<=':
        return upTo
      case '>':
        return not(upTo)
      case '>=':
        return not(below)
      case '==':
        return and(upTo, not(below))
      case '!=':
        return or(not(upTo), below)
    }
  })
}

/** The types that a value of any type can have. A list, an object and null count as `other`. */
const anyTypes = ['other', 'text', 'number', 'flag'] as const

function typeOfAny(name: string): string {
  return `type of ${name}`
}

function typeIs({ name }: Any, type: (typeof anyTypes)[number]): Formula {
  return textIs(typeOfAny(name), type)
}

/** As it stands in a condition: true, false, or a failure where it is of another type. */
export function anyAsTruth(value: Any): Truth {
  const isFlag = and(value.present, typeIs(value, 'flag'))
  return truth(and(isFlag, flag(value.name)), and(isFlag, not(flag(value.name))))
}

function equalAny(value: Any, other: Value): Truth {
  const there = value.present
  const same = (holds: Formula) => truth(and(there, holds), and(there, not(holds)))
  if (other.kind === 'truth') {
    const isFlag = typeIs(value, 'flag')
    const mine = flag(value.name)
    return truth(
      and(there, isFlag, or(and(other.isTrue, mine), and(other.isFalse, not(mine)))),
      and(there, or(other.isTrue, other.isFalse), or(not(isFlag), and(other.isTrue, not(mine)), and(other.isFalse, mine))),
    )
  }
  if (other.kind === 'text') {
    const only = other.cases.length === 1 ? other.cases[0]?.value : undefined
    if (only === undefined || !('constant' in only)) return refuse('what a client sent is compared only with what is written out')
    return same(and(typeIs(value, 'text'), textIs(value.name, only.constant)))
  }
  if (other.kind === 'number') return same(and(typeIs(value, 'number'), compareAny(value, '==', constantOf(other))))
  return refuse('what a client sent is compared only with what is written out')
}

function orderedAny(value: Any, comparison: Comparison, other: Numbers): Truth {
  const isNumber = and(value.present, typeIs(value, 'number'))
  const holds = compareAny(value, comparison, constantOf(other))
  return truth(and(isNumber, holds), and(isNumber, not(holds)))
}

function compareAny({ name }: Any, comparison: Comparison, limit: number): Formula {
  return compare({ terms: new Map([[name, 1]]), constant: -limit }, comparison)
}
