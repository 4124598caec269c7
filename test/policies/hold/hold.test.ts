import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideHold, type HoldBreak, type HoldInput } from '../../../policies/hold/hold.ts'
import { unweighed } from '../../../policies/hold/switch-gate.ts'

const strong = { model: 'a/deep', strength: 25 }
const weak = { model: 'a/quick', strength: 5 }
const trouble = { by: 'stage_escalation' as const, because: 'the work is failed (stage)' }

function gate(wins: boolean) {
  return (to: string) => ({ ...unweighed('a', to, ''), note: null, wins })
}

function decide(given: Partial<HoldInput> = {}) {
  return decideHold({
    kind: 'continuation',
    lock: undefined,
    previous: weak,
    lost: undefined,
    safetyRule: undefined,
    wanted: strong,
    trouble: undefined,
    sinceTrouble: undefined,
    latchSteps: 2,
    weigh: gate(false),
    ...given,
  })
}

test('decideHold() keeps the model of a running loop, also from a stronger one that the policy would choose', () => {
  expect(decide()).toMatchObject({ held: true, kind: 'soft', model: 'a/quick', broken_by: null, gate: null })
})

test('decideHold() lets trouble bring in a stronger model, and names it', () => {
  expect(decide({ trouble })).toMatchObject({ held: false, broken_by: 'stage_escalation', because: trouble.because })
  expect(decide({ trouble: { ...trouble, by: 'stall_escalation' } }).broken_by).toBe('stall_escalation')
})

test('decideHold() gives no step in trouble, and none soon after it, to a weaker model, however cheap', () => {
  const down = { previous: strong, wanted: weak, weigh: gate(true) }

  expect(decide({ ...down, trouble }).held).toBe(true)
  expect(decide({ ...down, sinceTrouble: 1 })).toMatchObject({ held: true, gate: null })
  expect(decide({ ...down, sinceTrouble: 2 })).toMatchObject({ held: false, broken_by: 'gate_win' })
})

test('decideHold() lets a weaker model take over only where the gate is won, and shows the sum in both cases', () => {
  const down = { previous: strong, wanted: weak }

  expect(decide({ ...down, weigh: gate(true) })).toMatchObject({ held: false, broken_by: 'gate_win', gate: { to: 'a/quick', wins: true } })
  expect(decide({ ...down, weigh: gate(false) })).toMatchObject({ held: true, broken_by: null, gate: { wins: false } })
})

test('decideHold() holds hard against trouble and the gate', () => {
  const lock = 'other calls are not answered yet'

  expect(decide({ lock, trouble })).toMatchObject({ held: true, kind: 'hard', because: lock })
  expect(decide({ lock, previous: strong, wanted: weak, weigh: gate(true) }).held).toBe(true)
})

test.each<HoldBreak>(['failure', 'context_overflow', 'missing_modality', 'budget_stop', 'policy_denial'])(
  'decideHold() lets %s break a soft hold and a hard one',
  (by) => {
    const lost = { by, because: 'it cannot answer' }

    expect(decide({ lost })).toMatchObject({ held: false, kind: 'soft', broken_by: by })
    expect(decide({ lost, lock: 'locked' })).toMatchObject({ held: false, kind: 'hard', broken_by: by })
  },
)

test('decideHold() lets a safety rule break any hold, and breaks none where it wants the same model', () => {
  expect(decide({ safetyRule: 'stay', lock: 'locked' })).toMatchObject({ held: false, broken_by: 'safety_tier' })
  expect(decide({ safetyRule: 'stay', wanted: weak })).toMatchObject({ held: false, broken_by: null })
})

test('decideHold() leaves the policy its choice at a turn of the user, and asks a weaker model alone to pay for itself', () => {
  const turn = { kind: 'user_turn' as const }

  expect(decide(turn)).toMatchObject({ held: false, kind: null, gate: null })
  expect(decide({ ...turn, previous: strong, wanted: weak })).toMatchObject({ held: true, kind: 'soft', model: 'a/deep' })
  expect(decide({ ...turn, previous: strong, wanted: weak, weigh: gate(true) })).toMatchObject({
    held: false,
    broken_by: null,
    gate: { wins: true },
  })
  const unknown = () => unweighed('a/deep', 'a/quick', 'the price of a/quick is not known')
  expect(decide({ ...turn, previous: strong, wanted: weak, weigh: unknown })).toMatchObject({ held: false, gate: null })
})

test('decideHold() never leaves a model inside a loop without a name for it, and never in trouble for a weaker one', () => {
  const candidate = fc.record({ model: fc.constantFrom('a', 'b', 'c'), strength: fc.integer({ min: 0, max: 3 }) })
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const input = fc.record({
    kind: fc.constant('continuation' as const),
    lock: maybe(fc.constant('locked')),
    previous: candidate,
    lost: maybe(fc.constant({ by: 'failure' as const, because: 'it fails' })),
    safetyRule: maybe(fc.constant('safe')),
    wanted: maybe(candidate),
    trouble: maybe(fc.constant(trouble)),
    sinceTrouble: maybe(fc.nat(5)),
    latchSteps: fc.nat(5),
    weigh: fc.boolean().map(gate),
  })
  const property = fc.property(input, (given) => {
    const decision = decideHold(given)
    const leaves = !decision.held && given.wanted?.model !== given.previous.model
    if (leaves) expect(decision.broken_by).not.toBeNull()
    if (decision.broken_by === 'gate_win') expect(given.trouble).toBeUndefined()
    if (given.lock !== undefined && decision.broken_by !== null) expect(['failure', 'safety_tier']).toContain(decision.broken_by)
  })
  fc.assert(property)
})
