import vm from 'node:vm'
import { type ASTNode, Environment, serialize } from '@marcbachmann/cel-js'
import { refuseRegex } from './safe-regex.ts'

/** A variable's type in CEL's words, or the types of its fields. */
export type VariableType = string | Readonly<Record<string, string>>

export interface Condition<Facts> {
  readonly source: string
  /** The variables that it looks at. */
  readonly names: ReadonlySet<string>
  /** The conditions that must all hold, where it is a chain of them (`a && b`); else itself alone. */
  conjuncts(): readonly Condition<Facts>[]
  /** @throws {ConditionError} If a fact that decides is not there, is of another type, or takes too long to look at. */
  holds(facts: Facts): boolean
}

/** A number that is computed from facts; what is true counts 1, what is false 0. */
export interface Quantity<Facts> {
  readonly source: string
  /** @throws {ConditionError} As `Condition.holds`, and for what is no finite number. */
  of(facts: Facts): number
}

export interface ConditionLanguage<Facts> {
  /** @throws {SyntaxError} With CEL's own words, if the text does not parse, names what is not there, or is no boolean. */
  parse(source: string): Condition<Facts>
  /** @throws {SyntaxError} As `parse`, if it is neither a number nor a boolean. */
  parseQuantity(source: string): Quantity<Facts>
}

/** A condition could not be evaluated: neither yes nor no. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly code = 'condition_failed'
}

const limits = { maxAstNodes: 2000, maxDepth: 60, maxListElements: 1000, maxMapEntries: 100, maxCallArguments: 16 }
/** One inside the other takes the square of the time. */
const maxNestedLoops = 2
const evaluationMs = 250
const loops: ReadonlySet<unknown> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/**
 * Conditions in CEL (Common Expression Language) over the variables given, parsed and type-checked once.
 *
 * Nothing that a caller sends makes one run long: regular expressions are literal and of kinds that do not blow up, loops
 * stand at most two deep, and whatever looks at texts or lists of unknown length is ended after a quarter of a second.
 *
 * `toValues` gives the facts by variable. One that it leaves out is unknown: a condition that depends on it throws, one
 * that is decided without it (`false && …`, `true || …`, in either order) does not.
 */
export function createConditionLanguage<Facts extends object>(
  variables: Readonly<Record<string, VariableType>>,
  toValues: (facts: Facts) => Record<string, unknown>,
): ConditionLanguage<Facts> {
  const environment = new Environment({ limits })
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === 'string') environment.registerVariable(name, type)
    else environment.registerVariable({ name, schema: { ...type } })
  }

  /** Every rule looks at the same facts: they are put into CEL's words once. */
  const known = new WeakMap<Facts, Record<string, unknown>>()
  const valuesOf = (facts: Facts) => {
    const values = known.get(facts) ?? toValues(facts)
    known.set(facts, values)
    return values
  }

  function compile(source: string, types: readonly string[], what: string) {
    const checked = environment.check(source)
    if (!checked.valid) throw new SyntaxError(firstLine(checked.error?.message ?? 'not a CEL expression'))
    if (checked.type !== undefined && !types.includes(`${checked.type}`)) {
      throw new SyntaxError(`${what}, this one is of type ${checked.type}`)
    }
    const parse = () => environment.parse(source)
    let evaluate = parse()
    const { names, isBounded } = inspect(evaluate.ast)
    const value = (facts: Facts): unknown => {
      const values = valuesOf(facts)
      try {
        return isBounded ? evaluate(values) : withinTime(() => evaluate(values))
      } catch (cause) {
        // What was torn off in the middle is not used again.
        if (isTimeout(cause)) evaluate = parse()
        const reason = isTimeout(cause) ? `it takes more than ${evaluationMs} ms` : firstLine(messageOf(cause))
        throw new ConditionError(reason, { cause })
      }
    }
    return { ast: evaluate.ast, names, value }
  }

  const parse = (source: string): Condition<Facts> => {
    const { ast, names, value } = compile(source, ['bool'], 'a condition must be true or false')
    const parts = partsOfChain(ast)
    const condition: Condition<Facts> = {
      source,
      names,
      conjuncts: () => (parts.length === 1 ? [condition] : parts.map((part) => parse(serialize(part)))),
      holds: (facts) => value(facts) === true,
    }
    return condition
  }

  return {
    parse,

    parseQuantity(source) {
      const { value } = compile(source, ['bool', 'dyn', 'double', 'int', 'uint'], 'a quantity must be a number, or true or false')
      return {
        source,
        of(facts) {
          const number = Number(value(facts))
          if (!Number.isFinite(number)) throw new ConditionError('it is not a finite number')
          return number
        },
      }
    },
  }
}

function partsOfChain(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(partsOfChain) : [node]
}

/** @throws {SyntaxError} If it may run long. */
function inspect(root: ASTNode): { names: Set<string>; isBounded: boolean } {
  const names = new Set<string>()
  let isBounded = true
  const visit = (node: unknown, depth: number): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one, depth)
      return
    }
    if (!isNode(node)) return
    let inside = depth
    if (node.op === 'id') names.add(node.args)
    if (node.op === 'rcall' || node.op === 'call') {
      const [called, ...rest] = node.args
      if (called === 'matches') refuseUnsafe((rest.at(-1) as unknown[])[0])
      if (loops.has(called)) inside += 1
      if (called === 'matches' || loops.has(called)) isBounded = false
      if (inside > maxNestedLoops) throw new SyntaxError(`loops (${[...loops].join(', ')}) must stand at most ${maxNestedLoops} deep`)
    }
    visit(node.args, inside)
  }
  visit(root, 0)
  return { names, isBounded }
}

function refuseUnsafe(pattern: unknown): void {
  if (!isNode(pattern) || pattern.op !== 'value' || typeof pattern.args !== 'string') {
    throw new SyntaxError('the regular expression of matches() must be written out as a text')
  }
  const reason = refuseRegex(pattern.args)
  if (reason !== undefined) throw new SyntaxError(`the regular expression ${JSON.stringify(pattern.args)} ${reason}`)
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

const sandbox = vm.createContext({ work: undefined as (() => unknown) | undefined })
const runWork = new vm.Script('work()')

/** Node ends a script that runs too long, whatever it is doing; what the script calls is ended with it. */
function withinTime(work: () => unknown): unknown {
  sandbox['work'] = work
  try {
    return runWork.runInContext(sandbox, { timeout: evaluationMs })
  } finally {
    sandbox['work'] = undefined
  }
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
