import type { Embedder } from '../../../models/embedder.ts'
import type { Pool } from '../../../models/pool.ts'
import type { Policy } from '../../policy.ts'
import { createStep } from '../../step.ts'
import { actAlike, type ExaminedPolicy, examine } from '../crisp/examined.ts'
import { levelOne } from '../crisp/level-1.ts'
import { type Observed, observe } from '../evidence/observed.ts'
import { notComputed } from '../facts/routing-facts.ts'
import type { Finding } from '../finding.ts'
import { and, type Formula, flag, implies, not, textIs } from '../formula.ts'
import { viewOf } from '../witness-view.ts'
import { areApart, type CapSignal, capSignalsOf, isRepeated, liesWithin } from './caps.ts'

export interface LevelTwoOptions {
  readonly embedder: Embedder
  readonly pools: readonly Pool[]
  /** What level 1 has said. */
  readonly known: readonly Finding[]
  readonly signal?: AbortSignal | undefined
}

/** What the thresholds of embedding signals say by their geometry, and what the policy's own examples show. */
export async function levelTwo(policy: Policy, { embedder, pools, known, signal }: LevelTwoOptions): Promise<Finding[]> {
  const caps = await capSignalsOf(policy, embedder, signal)
  if (caps.length === 0) return []
  const laws = geometricLaws(caps)
  const examined = examine(policy, { pools, laws: () => laws })
  const isKnown = ({ code, rules }: Finding) => known.some((one) => one.code === code && one.rules.join() === rules.join())
  const derived = laws.length === 0 ? [] : levelOne(examined).filter((one) => !isKnown(one))
  return [...neverNamed(caps), ...derived.map(asLevelTwo), ...(await takenExamples(policy, examined, signal))]
}

/** Labels of two signals that cannot fire together, and labels that never fire without another. */
function geometricLaws(caps: readonly CapSignal[]): Formula[] {
  const laws: Formula[] = []
  for (const left of caps) {
    for (const right of caps) {
      if (left === right) continue
      for (const [label, own] of left.labels) {
        const names = textIs(`signals.${left.name}`, label)
        for (const [other, centres] of right.labels) {
          const otherNames = textIs(`signals.${right.name}`, other)
          if (left.name < right.name && areApart(own, left.threshold, centres, right.threshold)) laws.push(not(and(names, otherNames)))
          // Among several labels the margin may keep the outer one from firing.
          const isAlone = right.labels.size === 1
          if (isAlone && liesWithin(own, left.threshold, centres, right.threshold))
            laws.push(implies(and(names, not(flag(notComputed(right.name)))), otherNames))
        }
      }
    }
  }
  return laws
}

function asLevelTwo(finding: Finding): Finding {
  const message = `${finding.message} That follows from where the examples of its signals lie and from their thresholds.`
  return { ...finding, level: 2, severity: finding.severity === 'error' ? 'warning' : finding.severity, message }
}

function neverNamed(caps: readonly CapSignal[]): Finding[] {
  return caps.flatMap(({ name, margin, labels }) =>
    [...labels].flatMap(([label, own]): Finding[] => {
      const twin = [...labels].find(([other, centres]) => other !== label && isRepeated(own, centres))
      if (twin === undefined || margin === 0) return []
      return [
        {
          code: 'label_never_named',
          level: 2,
          severity: 'warning',
          rules: [],
          message: `The signal ${name} never names ${label}: each of its examples is one of ${twin[0]}, too, so it never leads by the margin of ${margin}.`,
          witness: null,
          mend: `Give ${label} examples of its own.`,
        },
      ]
    }),
  )
}

/** Examples of a label for which a rule waits, and which an earlier rule takes: each was read as a step. */
async function takenExamples(policy: Policy, examined: ExaminedPolicy, signal?: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const one of examined.deciding) {
    const texts = awaitedExamples(policy, one.rule.condition.source)
    const seen = await Promise.all(texts.map((text) => observe(policy, stepOf(text), signal)))
    const own = seen.filter(({ fired }) => fired.some(({ name }) => name === one.rule.name))
    for (const earlier of examined.deciding.slice(0, examined.deciding.indexOf(one))) {
      if (earlier.rule.tier !== one.rule.tier || actAlike(earlier, one)) continue
      const taken = own.filter(({ fired }) => fired.find(({ mode }) => mode === 'enforce')?.name === earlier.rule.name)
      if (taken[0] === undefined) continue
      findings.push(takenFinding(policy, [earlier.rule.name, one.rule.name], [taken.length, own.length], taken[0]))
    }
  }
  return findings
}

function takenFinding(policy: Policy, rules: readonly [string, string], [taken, own]: readonly [number, number], shown: Observed): Finding {
  const [first, second] = rules
  const conditions = policy.rules.filter(({ name }) => rules.includes(name)).map(({ condition }) => condition.source)
  return {
    code: 'examples_taken',
    level: 2,
    severity: taken === own ? 'warning' : 'report',
    rules,
    message: `${taken} of ${own} examples for which ${second} waits are decided by ${first}, which fires for them, too, and comes first.`,
    witness: { 'step.text': shown.step.text, ...viewOf(shown, policy, conditions) },
    mend: `Raise the threshold of the signal of ${first}, give ${second} a higher priority, or let both labels compete in one exclusive projection.`,
  }
}

/** Examples of the labels that the condition names: `signals.topic == "money"`. */
function awaitedExamples(policy: Policy, condition: string): string[] {
  return Object.entries(policy.file.signals).flatMap(([name, options]) => {
    if (options.kind !== 'embedding' || options.examples === 'pools') return []
    return Object.entries(options.examples).flatMap(([label, texts]) => {
      const waits = condition.includes(`signals.${name} == ${JSON.stringify(label)}`) || condition.includes(`signals.${name} == '${label}'`)
      return waits ? texts : []
    })
  })
}

function stepOf(text: string) {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
  return createStep({ messages, inputTokens: Math.ceil(text.length / 4), maxOutputTokens: 4096, principal: 'local' })
}
