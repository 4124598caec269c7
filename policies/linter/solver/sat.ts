/** A variable's number, positive when it is to be true, negative when false. Variables count from 1. */
export type Literal = number

export interface SatSolver {
  /** `prefers`: what it is where nothing asks for the other. */
  variable(prefers?: boolean): number
  /** At least one of them holds. */
  clause(literals: readonly Literal[]): void
  /**
   * Whether everything can hold together with what is assumed. Stops once each variable of `scope` has a value and nothing
   * contradicts; `check` then sees that assignment, and refuses it by a clause that it breaks.
   */
  solve(assumed: readonly Literal[], scope: readonly number[], check?: () => readonly Literal[] | undefined): boolean
  /** After `solve` gave true, or inside `check`; `undefined` when it does not matter. */
  value(variable: number): boolean | undefined
  /** After `solve` gave false: which of the assumptions cannot hold together. */
  core(): readonly Literal[]
}

/**
 * Satisfiability by conflict-driven clause learning: two watched literals, first-UIP clauses, saved phases. What is learnt stays,
 * so that many questions over the same clauses get cheaper.
 */
export function createSatSolver(): SatSolver {
  // All by variable number, but `watches`, which is by `indexOf(literal)`.
  const values: (0 | 1 | -1)[] = [0]
  const levels: number[] = [0]
  const reasons: (Literal[] | undefined)[] = [undefined]
  const preferred: boolean[] = [false]
  let phases: boolean[] = []
  const activity: number[] = [0]
  const seen: boolean[] = [false]
  const watches: Literal[][][] = [[], []]
  const trail: Literal[] = []
  const starts: number[] = []
  let head = 0
  let cursor = 0
  let bump = 1
  let broken = false
  let failed: Literal[] = []

  const indexOf = (literal: Literal) => (literal > 0 ? 2 * literal : -2 * literal + 1)
  const signOf = (literal: Literal) => {
    const value = values[Math.abs(literal)] ?? 0
    return literal > 0 ? value : -value
  }
  const watching = (literal: Literal) => watches[indexOf(literal)] as Literal[][]
  const at = <Value>(list: readonly Value[], index: number) => list[index] as Value

  function assign(literal: Literal, reason: Literal[] | undefined): void {
    const variable = Math.abs(literal)
    values[variable] = literal > 0 ? 1 : -1
    levels[variable] = starts.length
    reasons[variable] = reason
    phases[variable] = literal > 0
    trail.push(literal)
  }

  function backTo(level: number): void {
    if (starts.length <= level) return
    const keep = at(starts, level)
    for (let index = trail.length - 1; index >= keep; index -= 1) values[Math.abs(at(trail, index))] = 0
    trail.length = keep
    starts.length = level
    head = Math.min(head, keep)
    cursor = 0
  }

  /** The clause that is broken, if any. */
  function propagate(): Literal[] | undefined {
    while (head < trail.length) {
      const falsified = -at(trail, head)
      head += 1
      const list = watching(falsified)
      let kept = 0
      for (let index = 0; index < list.length; index += 1) {
        const clause = at(list, index)
        if (clause[0] === falsified) {
          clause[0] = at(clause, 1)
          clause[1] = falsified
        }
        const first = at(clause, 0)
        if (signOf(first) === 1 || !moveWatch(clause)) {
          list[kept] = clause
          kept += 1
          if (signOf(first) === 1) continue
          if (signOf(first) === -1) {
            for (let rest = index + 1; rest < list.length; rest += 1, kept += 1) list[kept] = at(list, rest)
            list.length = kept
            return clause
          }
          assign(first, clause)
        }
      }
      list.length = kept
    }
    return undefined
  }

  function moveWatch(clause: Literal[]): boolean {
    for (let index = 2; index < clause.length; index += 1) {
      const literal = at(clause, index)
      if (signOf(literal) === -1) continue
      clause[index] = at(clause, 1)
      clause[1] = literal
      watching(literal).push(clause)
      return true
    }
    return false
  }

  function attach(clause: Literal[]): void {
    watching(at(clause, 0)).push(clause)
    watching(at(clause, 1)).push(clause)
  }

  /** The clause that follows from a conflict on the current level, with the literal that it makes true first. */
  function analyze(conflict: Literal[]): Literal[] {
    const learnt: Literal[] = []
    const touched: number[] = []
    let open = 0
    let reason: Literal[] = conflict
    let index = trail.length - 1
    let literal = 0
    for (;;) {
      for (const one of reason) {
        const variable = Math.abs(one)
        if (one === literal || seen[variable] === true || at(levels, variable) === 0) continue
        seen[variable] = true
        touched.push(variable)
        raise(variable)
        if (at(levels, variable) === starts.length) open += 1
        else learnt.push(one)
      }
      while (seen[Math.abs(at(trail, index))] !== true) index -= 1
      literal = at(trail, index)
      index -= 1
      open -= 1
      if (open === 0) break
      reason = at(reasons, Math.abs(literal)) as Literal[]
    }
    for (const variable of touched) seen[variable] = false
    return [-literal, ...learnt.toSorted((left, right) => at(levels, Math.abs(right)) - at(levels, Math.abs(left)))]
  }

  function raise(variable: number): void {
    activity[variable] = at(activity, variable) + bump
    if (at(activity, variable) > 1e100) {
      for (let index = 1; index < activity.length; index += 1) activity[index] = at(activity, index) * 1e-100
      bump *= 1e-100
    }
  }

  /** @returns false when nothing can mend it. */
  function learnFrom(conflict: Literal[]): boolean {
    // A clause that was brought in from outside may lie below the current level.
    const deepest = Math.max(0, ...conflict.map((one) => at(levels, Math.abs(one))))
    backTo(deepest)
    if (deepest === 0) return false
    const clause = analyze(conflict)
    const [first = 0, second] = clause
    backTo(second === undefined ? 0 : at(levels, Math.abs(second)))
    bump *= 1.05
    if (second !== undefined) attach(clause)
    assign(first, second === undefined ? undefined : clause)
    return true
  }

  /** Which assumptions made `literal` false, that one included. */
  function assumptionsAgainst(literal: Literal): Literal[] {
    const found = [literal]
    const open = new Set([Math.abs(literal)])
    for (let index = trail.length - 1; index >= (starts[0] ?? trail.length); index -= 1) {
      const one = at(trail, index)
      if (!open.has(Math.abs(one))) continue
      const reason = reasons[Math.abs(one)]
      if (reason === undefined) found.push(one)
      else for (const other of reason) if (at(levels, Math.abs(other)) > 0) open.add(Math.abs(other))
    }
    return [...new Set(found)]
  }

  /** The next of `order` without a value; what went back starts anew. */
  function nextDecision(order: readonly number[]): Literal | undefined {
    for (; cursor < order.length; cursor += 1) {
      const variable = at(order, cursor)
      if (values[variable] === 0) return phases[variable] === true ? variable : -variable
    }
    return undefined
  }

  function addClause(literals: readonly Literal[]): void {
    backTo(0)
    const open = [...new Set(literals)].filter((one) => signOf(one) !== -1)
    if (open.some((one) => signOf(one) === 1 || open.includes(-one))) return
    const [first] = open
    if (first === undefined) broken = true
    else if (open.length > 1) attach(open)
    else {
      assign(first, undefined)
      if (propagate() !== undefined) broken = true
    }
  }

  return {
    variable(prefers = false) {
      values.push(0)
      levels.push(0)
      reasons.push(undefined)
      preferred.push(prefers)
      activity.push(0)
      seen.push(false)
      watches.push([], [])
      return values.length - 1
    },

    clause: addClause,

    solve(assumed, scope, check) {
      backTo(0)
      failed = []
      phases = [...preferred]
      if (broken) return false
      cursor = 0
      const order = scope.toSorted((left, right) => at(activity, right) - at(activity, left))
      for (;;) {
        const conflict = propagate()
        if (conflict !== undefined) {
          if (learnFrom(conflict)) continue
          broken = true
          return false
        }
        // Each assumption has a level of its own, also one that holds already.
        const assumption = assumed[starts.length]
        if (assumption !== undefined && signOf(assumption) === -1) {
          failed = assumptionsAgainst(assumption)
          return false
        }
        const decision = assumption ?? nextDecision(order)
        if (decision !== undefined) {
          starts.push(trail.length)
          if (signOf(decision) === 0) assign(decision, undefined)
          continue
        }
        const refused = check?.()
        if (refused === undefined) return true
        const clause = [...refused].toSorted((left, right) => at(levels, Math.abs(right)) - at(levels, Math.abs(left)))
        const [first, second] = clause
        if (first === undefined) {
          broken = true
          return false
        }
        if (second === undefined) {
          addClause(clause)
          if (broken) return false
          continue
        }
        attach(clause)
        if (!learnFrom(clause)) {
          broken = true
          return false
        }
      }
    },

    value(variable) {
      const value = values[variable] ?? 0
      return value === 0 ? undefined : value === 1
    },

    core: () => failed,
  }
}
