import fc from 'fast-check'
import type { Embedder } from '../../../models/embedder.ts'
import { type Policy, parsePolicy, readProjections } from '../../../policies/index.ts'
import { blankStep } from '../../../policies/linter/facts/blank-step.ts'
import { fires, type Witness } from '../../../policies/linter/witness.ts'
import type { Step } from '../../../policies/step.ts'
import { deployment, pool, price } from '../deployments.ts'

/*
 * Small worlds: policies over a few facts whose values are so few that every step can be tried. What the linter derives is held
 * against what the conditions say on all of them.
 */

export const pools = [
  pool('quick', [deployment('a/quick', { price: price(1, 5) })], { purpose: 'small talk' }),
  pool('deep', [deployment('a/deep', { price: price(5, 25) })]),
  pool('private', [deployment('local/small', { local: true, price: price(0, 0) })], { local: true }),
]

export function policyOf(data: Record<string, unknown>, embedder?: Embedder): Policy {
  return parsePolicy({ name: 'test', default: { prefer: 'first' }, ...data }, { source: 'test', pools, embedder })
}

const signals = {
  topic: { kind: 'embedding', examples: { money: ['a bill'], travel: ['a flight'] }, threshold: 0.4 },
  look: { kind: 'modality' },
}
const projections = {
  effort: {
    kind: 'score',
    of: [
      { value: 'step.images', weight: 0.5 },
      { value: '"admin" in step.roles', weight: 2 },
    ],
  },
  level: { kind: 'bands', of: 'effort', bands: { low: 0.5, high: 2 } },
  work: {
    kind: 'exclusive',
    members: { code: 'signals.topic == "money" ? confidence.topic : 0.0', chat: '0.5', other: 'step.tool_loop' },
    default: 'chat',
  },
}

const comparison = fc.constantFrom('<', '<=', '>', '>=')

/** Facts of one theme lie apart from those of another, so that two themes make few steps. */
const themes: readonly fc.Arbitrary<string>[] = [
  fc.constantFrom(
    'step.kind == "user_turn"',
    'step.kind != "continuation"',
    'step.kind in ["background", "continuation"]',
    'step.tool_loop',
    'step.tool_loop == (step.kind == "background")',
  ),
  fc.oneof(
    fc.constantFrom('signals.topic == "money"', 'signals.topic != ""', 'signals.topic in ["money", "travel"]', 'has(signals.topic)'),
    fc.constantFrom('projections.work == "code"', 'projections.work == "other"', 'projections.work != "chat"'),
    fc.tuple(comparison, fc.constantFrom(0.2, 0.4, 0.7)).map(([sign, limit]) => `confidence.topic ${sign} ${limit}`),
  ),
  fc.oneof(
    fc.constantFrom('"admin" in step.roles', 'step.roles.exists(role, role == "admin")', 'step.metadata["team"] == "x"'),
    fc.constantFrom('step.metadata.team != "x"', 'has(step.metadata.team)', '"team" in step.metadata'),
    fc.constantFrom('step.metadata.team == (step.tool_loop ? "x" : "y")'),
  ),
  fc.oneof(
    fc.tuple(comparison, fc.integer({ min: 0, max: 3 })).map(([sign, limit]) => `step.images ${sign} ${limit}`),
    fc.tuple(comparison, fc.integer({ min: 0, max: 3 })).map(([sign, limit]) => `${limit} ${sign} step.images`),
    fc.tuple(fc.constantFrom('==', '!='), fc.integer({ min: 0, max: 3 })).map(([sign, limit]) => `step.images ${sign} ${limit}.0`),
    fc.constantFrom('signals.look == "image"', '(step.tool_loop ? step.images : 2.0) > 1.0'),
    fc.tuple(comparison, fc.integer({ min: -2, max: 2 })).map(([sign, limit]) => `step.images - 2.0 * step.tool_errors ${sign} ${limit}.0`),
  ),
  fc.oneof(
    fc.constantFrom('projections.level == "high"', 'projections.level in ["", "low"]'),
    fc.tuple(comparison, fc.constantFrom(0.5, 1, 2, 2.5)).map(([sign, limit]) => `projections.effort ${sign} ${limit.toFixed(1)}`),
  ),
]

function conditionOver(atom: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      atom,
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
        .map(([left, sign, right]) => `(${left} ${sign} ${right})`),
      tie('expression').map((one) => `!(${one})`),
      fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([when, yes, no]) => `(${when} ? ${yes} : ${no})`),
    ),
  })).expression
}

const actions = [{ prefer: 'strongest' }, { prefer: 'cheapest' }, { prefer: 'first' }]

/** Rules over the facts of `everyStep`, of which some share their priority and some their action. */
export const smallPolicy: fc.Arbitrary<Policy> = fc
  .subarray([...themes.keys()], { minLength: 1, maxLength: 2 })
  .chain((picked) => {
    const when = conditionOver(fc.oneof(...picked.map((theme) => themes[theme] ?? fc.constant('true'))))
    const rule = fc.record({ when, priority: fc.integer({ min: 0, max: 2 }), action: fc.constantFrom(...actions) })
    return fc.array(rule, { minLength: 1, maxLength: 5 })
  })
  .map((rules) => policyOf({ signals, projections, rules: rules.map((rule, index) => ({ name: `r${index}`, ...rule })) }))

/** Each step that differs in what those conditions look at. */
export function everyStep(policy: Policy): Witness[] {
  const found: Witness[] = []
  const source = policy.rules.map((rule) => rule.condition.source).join(' ')
  const uses = (word: string) => source.includes(word)
  const of = <Value>(word: string, all: readonly Value[], usual: Value) => (uses(word) ? all : [usual])
  const throughWork = uses('projections.work')
  const throughEffort = uses('projections.effort') || uses('projections.level')
  const topics = uses('topic') || throughWork ? [undefined, '', 'money', 'travel'] : ['']
  const confidences = uses('confidence') || throughWork ? [0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8] : [0.4]
  const everyKind = [
    ['user_turn', false],
    ['continuation', true],
    ['background', false],
    ['background', true],
  ] as const
  for (const [kind, toolLoop] of uses('kind') || uses('tool_loop') || throughWork ? everyKind : everyKind.slice(0, 1)) {
    for (const images of uses('images') || throughEffort || uses('look') ? [0, 1, 2, 3, 4, 5, 6] : [0]) {
      for (const others of !uses('look')
        ? [images > 0 ? (['image'] as const) : []]
        : images > 0
          ? ([['image'], ['image', 'file']] as const)
          : ([[], ['file']] as const)) {
        for (const toolErrors of of('tool_errors', [0, 1, 2, 3], 0)) {
          for (const roles of uses('admin') || throughEffort ? [[], ['admin']] : [[]]) {
            for (const metadata of of('team', [{}, { team: 'x' }, { team: 'y' }, { team: 'z' }] as Record<string, string>[], {})) {
              for (const topic of topics) {
                for (const confidence of confidences) {
                  if (topic !== undefined && topic !== '' && confidence < 0.4) continue
                  const step: Step = {
                    ...blankStep,
                    text: 'x',
                    kind,
                    toolLoop,
                    images,
                    modalities: ['text', ...others],
                    toolErrors,
                    roles,
                    metadata,
                  }
                  const readings = [
                    ...(topic === undefined ? [] : [{ signal: 'topic', value: topic, confidence, ms: 0 }]),
                    { signal: 'look', value: others.length === 0 ? 'text' : others.join('+'), confidence: 1, ms: 0 },
                  ]
                  found.push({
                    step,
                    readings,
                    projected: source.includes('projections') ? readProjections(policy.projections, { step, readings }) : [],
                  })
                }
              }
            }
          }
        }
      }
    }
  }
  return found
}

export function firing(policy: Policy, witness: Witness): boolean[] {
  return policy.rules.map((rule) => fires(rule, witness))
}
