import { type ASTNode, serialize } from '@marcbachmann/cel-js'
import { and, atom, not, or, plus, type Sum, times } from '../formula.ts'
import { anyAsTruth, equal, ordered, tested } from './compare.ts'
import {
  type Case,
  constantValue,
  found,
  guarded,
  type Present,
  paired,
  type Resolve,
  refuse,
  type Truth,
  truth,
  Untranslatable,
  type Value,
} from './value.ts'

/** What stands in a condition and has no translation, with the reason. */
export interface NotAnalysed {
  readonly source: string
  readonly reason: string
}

export interface Translator {
  /** What cannot be translated is opaque: it may be true, false or fail. It is reported. */
  condition(node: ASTNode): Truth
  /** Cases of a number; true counts 1. `undefined` when it cannot be translated, which is reported. */
  quantity(node: ASTNode): readonly Case<Sum>[] | undefined
}

/** Conditions of CEL as formulas over the facts that `resolve` knows. */
export function createTranslator(resolve: Resolve, report: (one: NotAnalysed) => void): Translator {
  function condition(node: ASTNode): Truth {
    switch (node.op) {
      case '&&':
      case '||': {
        const [left, right] = [condition(node.args[0]), condition(node.args[1])]
        return node.op === '&&'
          ? truth(and(left.isTrue, right.isTrue), or(left.isFalse, right.isFalse))
          : truth(or(left.isTrue, right.isTrue), and(left.isFalse, right.isFalse))
      }
      case '!_': {
        const of = condition(node.args)
        return truth(of.isFalse, of.isTrue)
      }
      default:
        return opaqueUnless(node, () => {
          const value = worthOf(node)
          if (value.kind === 'any') return anyAsTruth(value)
          return value.kind === 'truth' ? value : refuse('it is not true or false')
        })
    }
  }

  function quantity(node: ASTNode): readonly Case<Sum>[] | undefined {
    try {
      return numbers(worthOf(node))
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error
      report({ source: serialize(node), reason: error.message })
      return undefined
    }
  }

  function opaqueUnless(node: ASTNode, translate: () => Truth): Truth {
    try {
      return translate()
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error
      const source = serialize(node)
      report({ source, reason: error.message })
      const holds = atom({ kind: 'opaque', source })
      const fails = atom({ kind: 'opaque', source: `fails: ${source}` })
      return truth(and(holds, not(fails)), and(not(holds), not(fails)))
    }
  }

  function worthOf(node: ASTNode): Value {
    switch (node.op) {
      case 'value':
        return constantValue(node.args)
      case 'id':
      case '.':
      case '[]':
        return found(placeOf(node))
      case '&&':
      case '||':
      case '!_':
        return condition(node)
      case '?:':
        return choice(condition(node.args[0]), worthOf(node.args[1]), worthOf(node.args[2]))
      case '==':
        return equal(worthOf(node.args[0]), worthOf(node.args[1]))
      case '!=': {
        const { isTrue, isFalse } = equal(worthOf(node.args[0]), worthOf(node.args[1]))
        return truth(isFalse, isTrue)
      }
      case '<':
      case '<=':
      case '>':
      case '>=':
        return ordered(worthOf(node.args[0]), node.op, worthOf(node.args[1]))
      case 'in':
        return isIn(node.args[0], node.args[1])
      case '+':
      case '-':
        return arithmetic(node.args, (left, right) => plus(left, right, node.op === '-' ? -1 : 1))
      case '*':
        return arithmetic(node.args, product)
      case '/':
        return arithmetic(node.args, quotient)
      case '-_':
        return { kind: 'number', cases: numbers(worthOf(node.args)).map(({ when, value }) => ({ when, value: times(value, -1) })) }
      case 'call':
        return called(node.args[0], undefined, node.args[1])
      case 'rcall':
        return called(node.args[0], node.args[1], node.args[2])
      default:
        return refuse(`"${node.op}" is not looked into`)
    }
  }

  function called(name: string, receiver: ASTNode | undefined, args: readonly ASTNode[]): Value {
    const [first, second] = args
    if (receiver === undefined) {
      if (name === 'has' && first !== undefined) return asked(first)
      if (name === 'double' && first !== undefined) return { kind: 'number', cases: numbers(worthOf(first)) }
      if (name === 'size' && first !== undefined) return sizeOf(worthOf(first))
      return refuse(`${name}() is not looked into`)
    }
    if (name === 'size') return sizeOf(worthOf(receiver))
    if (name === 'exists' && first?.op === 'id' && second !== undefined) return exists(receiver, first.args, second)
    if ((name === 'contains' || name === 'startsWith' || name === 'endsWith' || name === 'matches') && first !== undefined) {
      if (first.op !== 'value' || typeof first.args !== 'string')
        return refuse(`${name}() is looked into only for a text that is written out`)
      return tested(worthOf(receiver), { kind: name, value: first.args })
    }
    return refuse(`${name}() is not looked into`)
  }

  function asked(node: ASTNode): Truth {
    const place = placeOf(node)
    return truth(and(place.reached, place.present), and(place.reached, not(place.present)))
  }

  function placeOf(node: ASTNode): Present {
    const path = pathOf(node)
    if (path === undefined) return refuse('only what has a plain name is looked into')
    return resolve(path) ?? refuse(`"${path.join('.')}" is not looked into`)
  }

  /** `roles.exists(role, role == "x" || role in ["y"])`. */
  function exists(receiver: ASTNode, variable: string, body: ASTNode): Truth {
    const of = worthOf(receiver)
    if (of.kind !== 'names') return refuse('exists() is looked into only for lists of names')
    return truth(or(...alternatives(body, variable).map((name) => of.has(name))))
  }

  function isIn(left: ASTNode, right: ASTNode): Truth {
    if (right.op === 'list') {
      const value = worthOf(left)
      const all = right.args.map((one) => equal(value, worthOf(one)))
      if (all.length === 0) return refuse('an empty list holds nothing')
      return truth(or(...all.map(({ isTrue }) => isTrue)), and(...all.map(({ isFalse }) => isFalse)))
    }
    const of = worthOf(right)
    if (left.op !== 'value' || typeof left.args !== 'string') return refuse('only a text that is written out is looked for in a list')
    if (of.kind === 'names') return truth(of.has(left.args))
    if (of.kind !== 'entries') return refuse('it is not known what the list holds')
    const { reached, present } = of.entry(left.args)
    return truth(and(reached, present), and(reached, not(present)))
  }

  function arithmetic(args: readonly [ASTNode, ASTNode], join: (left: Sum, right: Sum) => Sum): Value {
    const [left, right] = [worthOf(args[0]), worthOf(args[1])]
    if (left.kind !== 'number' || right.kind !== 'number') return refuse('only numbers are added up')
    return { kind: 'number', cases: paired(left.cases, right.cases).map(({ when, value }) => ({ when, value: join(...value) })) }
  }

  return { condition, quantity }
}

/** `a.b["c"]` as its names. */
function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [of, key] = node.args
  const path = pathOf(of)
  const name = typeof key === 'string' ? key : key.op === 'value' && typeof key.args === 'string' ? key.args : undefined
  return path === undefined || name === undefined ? undefined : [...path, name]
}

/** The texts of which a variable must be one. */
function alternatives(node: ASTNode, variable: string): string[] {
  const isVariable = (one: ASTNode) => one.op === 'id' && one.args === variable
  const written = (one: ASTNode) =>
    one.op === 'value' && typeof one.args === 'string' ? one.args : refuse('exists() is looked into only for names that are written out')
  if (node.op === '||') return node.args.flatMap((one) => alternatives(one, variable))
  if (node.op === '==' && isVariable(node.args[0])) return [written(node.args[1])]
  if (node.op === '==' && isVariable(node.args[1])) return [written(node.args[0])]
  if (node.op === 'in' && isVariable(node.args[0]) && node.args[1].op === 'list') return node.args[1].args.map(written)
  return refuse('exists() is looked into only for names that are written out')
}

function sizeOf(value: Value): Value {
  return value.kind === 'text' ? { kind: 'length', cases: value.cases } : refuse('size() is looked into only for texts')
}

function choice(when: Truth, yes: Value, no: Value): Value {
  if (yes.kind === 'number' && no.kind === 'number') {
    return { kind: 'number', cases: [...guarded(yes.cases, when.isTrue), ...guarded(no.cases, when.isFalse)] }
  }
  if (yes.kind === 'text' && no.kind === 'text') {
    return { kind: 'text', cases: [...guarded(yes.cases, when.isTrue), ...guarded(no.cases, when.isFalse)] }
  }
  if (yes.kind !== 'truth' || no.kind !== 'truth') return refuse('a choice between such things is not looked into')
  return truth(
    or(and(when.isTrue, yes.isTrue), and(when.isFalse, no.isTrue)),
    or(and(when.isTrue, yes.isFalse), and(when.isFalse, no.isFalse)),
  )
}

/** True counts 1, false 0. */
function numbers(value: Value): readonly Case<Sum>[] {
  const worth = (constant: number): Sum => ({ terms: new Map(), constant })
  if (value.kind === 'number') return value.cases
  if (value.kind !== 'truth') return refuse('it is not a number')
  return [
    { when: value.isTrue, value: worth(1) },
    { when: value.isFalse, value: worth(0) },
  ]
}

function product(left: Sum, right: Sum): Sum {
  if (left.terms.size === 0) return times(right, left.constant)
  if (right.terms.size === 0) return times(left, right.constant)
  return refuse('a product of two facts is not looked into')
}

function quotient(left: Sum, right: Sum): Sum {
  if (right.terms.size > 0 || right.constant === 0) return refuse('only a division by a number that is written out is looked into')
  return times(left, 1 / right.constant)
}
