import type { OutcomeClass, ToolOutcome } from './outcome.ts'

/*
 * What a class says of whether the tool fits the need. An expired key, a spent quota or a broken connection are nobody's need, and
 * so is an answer that drifted from its schema. What was cancelled or denied says something of the caller. Wrong arguments are a weak
 * sign of a wrong tool, since the same tool is mostly called again with better ones; an error of the tool is a stronger one.
 */
const fitness: Readonly<Record<OutcomeClass, number>> = {
  accepted: 1,
  tool_error: -1,
  edited: -0.5,
  schema: -0.25,
  auth: 0,
  quota: 0,
  timeout: 0,
  transport: 0,
  drift: 0,
  cancelled: 0,
  denied: 0,
}

// What the harness saw happen before what a person said, and that before what a model thinks of its own work.
const trust: Readonly<Record<ToolOutcome['source'], number>> = { harness: 1, person: 0.8, model: 0.4 }

// A tool that was shown by exploration was seldom shown, and stands for the times that it was not. Bounded, since one lucky call of a
// rarely shown tool would else outweigh ten.
const mostInverse = 4

/** How much an outcome says for the tool (above 0) or against it; 0 when it must not teach. */
export function lessonOf(outcome: ToolOutcome): number {
  if (outcome.tainted || !(outcome.propensity > 0)) return 0
  return fitness[outcome.class] * trust[outcome.source] * Math.min(mostInverse, 1 / Math.min(1, outcome.propensity))
}
