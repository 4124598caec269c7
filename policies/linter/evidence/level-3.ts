import type { Policy, Rule } from '../../policy.ts'
import { actAlike, type ExaminedRule } from '../crisp/examined.ts'
import type { Finding } from '../finding.ts'
import { viewOf } from '../witness-view.ts'
import type { Observed } from './observed.ts'
import { shareInWords } from './share.ts'

/** A winner is softly shadowed by one that fires with a signal so much surer. */
const clearGap = 0.2
/** Below this many steps a pattern may be chance. */
const enoughSteps = 3
/** So close to where a signal begins to fire, it may as well not have. */
const nearThreshold = 0.05
const shownPairs = 20

interface Pair {
  readonly winner: ExaminedRule
  readonly loser: ExaminedRule
  readonly together: Observed[]
  readonly softly: Observed[]
}

/** What steps that really were show: rules that fire together, surer signals that lose, and signals that fire together at their edge. */
export function levelThree(policy: Policy, deciding: readonly ExaminedRule[], steps: readonly Observed[]): Finding[] {
  if (steps.length === 0) return []
  const pairs = [...pairsOf(policy, deciding, steps).values()].toSorted((left, right) => right.together.length - left.together.length)
  const kept = pairs.filter(({ together }) => together.length >= enoughSteps).slice(0, shownPairs)
  return [
    ...kept.map((pair) => coFire(policy, pair, steps.length)),
    ...kept.filter(({ softly }) => softly.length >= enoughSteps).map((pair) => softShadow(policy, pair)),
    ...calibration(policy, steps),
  ]
}

function pairsOf(policy: Policy, deciding: readonly ExaminedRule[], steps: readonly Observed[]): Map<string, Pair> {
  const byName = new Map(deciding.map((one) => [one.rule.name, one]))
  const pairs = new Map<string, Pair>()
  for (const step of steps) {
    const [winner, ...others] = step.fired.flatMap(({ name }) => byName.get(name) ?? [])
    if (winner === undefined) continue
    for (const loser of others) {
      if (actAlike(winner, loser)) continue
      const key = `${winner.rule.name} ${loser.rule.name}`
      const pair = pairs.get(key) ?? { winner, loser, together: [], softly: [] }
      pairs.set(key, pair)
      pair.together.push(step)
      const gap = (sureness(policy, loser.rule, step) ?? 0) - (sureness(policy, winner.rule, step) ?? 1)
      if (gap >= clearGap) pair.softly.push(step)
    }
  }
  return pairs
}

/** Of the signals in a rule's condition that were inferred, the surest one's confidence; `undefined` where all was read. */
function sureness(policy: Policy, rule: Rule, { readings }: Observed): number | undefined {
  const inferred = policy.signals.filter(({ name, cost }) => cost !== 'read' && rule.condition.source.includes(`signals.${name}`))
  const confidences = readings.filter(({ signal }) => inferred.some(({ name }) => name === signal)).map(({ confidence }) => confidence)
  return confidences.length === 0 ? undefined : Math.max(...confidences)
}

function coFire(policy: Policy, { winner, loser, together }: Pair, all: number): Finding {
  const rules = [winner.rule.name, loser.rule.name]
  return {
    code: 'co_fire',
    level: 3,
    severity: 'report',
    rules,
    message: `${rules[0]} and ${rules[1]} both fired on ${shareInWords(together.length, all)}, and choose differently; ${rules[0]} decided.`,
    witness: witness(policy, [winner, loser], together),
    mend: 'Nothing, if that order is meant; else let their signals compete in one exclusive projection.',
  }
}

function softShadow(policy: Policy, { winner, loser, together, softly }: Pair): Finding {
  const rules = [winner.rule.name, loser.rule.name]
  return {
    code: 'soft_shadowing',
    level: 3,
    severity: 'warning',
    rules,
    message: `Of the steps on which both fired, on ${shareInWords(softly.length, together.length)} ${rules[0]} decided although the signals of ${rules[1]} were surer by ${clearGap} or more.`,
    witness: witness(policy, [winner, loser], softly),
    mend: 'Raise the threshold of the signal that decides, or let both compete in one exclusive projection.',
  }
}

/** Two inferred signals that name something at the edge of what they name at all. */
function calibration(policy: Policy, steps: readonly Observed[]): Finding[] {
  const inferred = policy.signals.filter(({ cost, type }) => (cost === 'embed' || cost === 'wait') && type === 'string')
  const floor = new Map(inferred.map(({ name }) => [name, lowestNamed(name, steps)]))
  return inferred.flatMap((left, index) =>
    inferred.slice(index + 1).flatMap((right): Finding[] => {
      const named = steps.filter((step) => [left, right].every(({ name }) => namedWith(step, name) !== undefined))
      const atEdge = named.filter((step) =>
        [left, right].every(({ name }) => (namedWith(step, name) ?? 1) - (floor.get(name) ?? 0) <= nearThreshold),
      )
      if (atEdge.length < enoughSteps) return []
      const view = viewOf(atEdge[0] as Observed, policy, [
        `signals.${left.name} signals.${right.name} confidence.${left.name} confidence.${right.name}`,
      ])
      return [
        {
          code: 'calibration_conflict',
          level: 3,
          severity: 'report',
          rules: [],
          message: `The signals ${left.name} and ${right.name} both named something with little more than their least confidence on ${shareInWords(atEdge.length, named.length)} that both named.`,
          witness: { 'step.text': (atEdge[0] as Observed).step.text, ...view },
          mend: 'Raise one of the thresholds, or let both compete in one exclusive projection.',
        },
      ]
    }),
  )
}

function namedWith({ readings }: Observed, signal: string): number | undefined {
  const reading = readings.find((one) => one.signal === signal)
  return reading === undefined || reading.value === '' ? undefined : reading.confidence
}

function lowestNamed(signal: string, steps: readonly Observed[]): number {
  return Math.min(1, ...steps.map((step) => namedWith(step, signal) ?? 1))
}

function witness(policy: Policy, rules: readonly ExaminedRule[], [step]: readonly Observed[]): Finding['witness'] {
  if (step === undefined) return null
  return {
    'step.text': step.step.text.slice(0, 200),
    ...viewOf(
      step,
      policy,
      rules.map(({ rule }) => rule.condition.source),
    ),
  }
}
