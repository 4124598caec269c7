import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Deployment } from '../../models/deployment.ts'
import type { Message } from '../../models/message.ts'
import type { Availability, Pool } from '../../models/pool.ts'
import {
  chooseRule,
  createPlan,
  createStep,
  explainPlan,
  nextConversation,
  type Plan,
  type PlanInput,
  parsePolicy,
  readProjections,
  type StepInput,
} from '../../policies/index.ts'
import { deployment, pool, price } from '../support/deployments.ts'

const quick = deployment('a/quick', { price: price(1, 5) })
const spare = deployment('b/spare', { price: price(0.5, 2) })
const deep = deployment('a/deep', { price: price(5, 25) })
const local = deployment('local/small', { local: true, price: price(0, 0) })
const sentences = deployment('extractive/sentences', { local: true, price: price(0, 0), modalities: ['text'], toolCalls: false })
const pools = [
  pool('quick', [quick, spare]),
  pool('deep', [deep]),
  pool('private', [local], { local: true }),
  pool('extractive', [sentences], { local: true }),
]
const inOrder = policyOf({ name: 'in-order', default: { prefer: 'first' } })

function policyOf(data: unknown, surroundings: readonly Pool[] = pools) {
  return parsePolicy(data, { source: 'test', pools: surroundings, embedder: undefined })
}

function planOf(given: Partial<StepInput> = {}, facts: Partial<PlanInput> = {}): Plan {
  const step = createStep({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    inputTokens: 10,
    maxOutputTokens: 100,
    principal: 'local',
    ...given,
  })
  const { policy = inOrder, readings = [] } = facts
  const projected = readProjections(policy.projections, { step, readings })
  return createPlan({
    decision: 'de_1',
    step,
    policy,
    readings,
    failures: [],
    projected,
    choice: chooseRule({ step, policy, readings, projected }),
    state: () => undefined,
    vector: undefined,
    pools,
    availability: () => ({ state: 'ready' }),
    estimate: estimate(10, 100),
    budget: { usdPerCall: undefined, usdPerDay: undefined, spentTodayUsd: undefined },
    context: { turns: 0, recalled: 0, tokens: 0 },
    tools: [],
    cacheKey: undefined,
    extractivePool: 'extractive',
    now: 0,
    ...facts,
  })
}

function estimate(input: number, output: number) {
  return ({ price: rates }: Deployment) => (rates === null ? null : (rates.inputPerMillion * input + rates.outputPerMillion * output) / 1e6)
}

function models(plan: Plan): string[] {
  return plan.candidates.map((one) => one.model)
}

function reason(plan: Plan, model: string): string {
  return plan.rejected.find((one) => one.model === model)?.reason ?? ''
}

test('createPlan() orders the first pool before the others and keeps the order inside a pool', () => {
  const plan = planOf()

  expect(models(plan)).toEqual(['a/quick', 'b/spare', 'a/deep', 'local/small'])
  expect(plan).toMatchObject({ pool: 'quick', rule: 'default', propensity: 1 })
})

test('createPlan() leaves the extractive pool out while a model pool is configured, and says why', () => {
  expect(reason(planOf(), 'extractive/sentences')).toMatch(/answers without a model/)
})

test('createPlan() answers from the extractive pool when no other is configured, or when it was asked for', () => {
  expect(models(planOf({}, { pools: pools.slice(-1) }))).toEqual(['extractive/sentences'])
  expect(models(planOf({ askedPool: 'extractive' }))).toEqual(['extractive/sentences'])
  expect(models(planOf({ askedModel: 'extractive/sentences' }))).toEqual(['extractive/sentences'])
})

test.each<[string, Partial<StepInput>, Partial<PlanInput>, string, RegExp]>([
  ['another model was asked for', { askedModel: 'a/deep' }, {}, 'a/quick', /asked for model a\/deep/],
  ['another pool was asked for', { askedPool: 'deep' }, {}, 'a/quick', /asked for pool deep/],
  ['the step is background work', { background: true }, {}, 'a/quick', /local pools/],
  ['its context is too short', { inputTokens: 250_000 }, {}, 'a/quick', /context of 200000 tokens is too short/],
  ['it may cost more than the call may', { maxCostUsd: 0.0001 }, {}, 'a/deep', /more than the \$0.0001 allowed/],
  [
    'the day has too little left',
    {},
    { budget: { usdPerCall: undefined, usdPerDay: 1, spentTodayUsd: 0.9999 } },
    'a/quick',
    /of today's budget are left/,
  ],
  ['it cools down', {}, { availability: coolingIf('a/quick') }, 'a/quick', /cooling down for 3 s after 503/],
  ['another probes it', {}, { availability: probedIf('a/quick') }, 'a/quick', /being probed/],
])('createPlan() rejects a deployment when %s', (_when, step, facts, model, pattern) => {
  const plan = planOf(step, facts)

  expect(reason(plan, model)).toMatch(pattern)
  expect(models(plan)).not.toContain(model)
})

function coolingIf(model: string) {
  return (id: string): Availability => (id === model ? { state: 'cooling', until: 2500, reason: '503' } : { state: 'ready' })
}

function probedIf(model: string) {
  return (id: string): Availability => (id === model ? { state: 'half-open', probing: true, reason: '503' } : { state: 'ready' })
}

test('createPlan() rejects what cannot take the modality, fetch a URL or call tools', () => {
  const text = deployment('a/text', { modalities: ['text'] })
  const plain = deployment('a/plain', { toolCalls: false })
  const set = [pool('mixed', [text, plain, local])]
  const picture: Message[] = [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: '' }] }]
  const link: Message[] = [{ role: 'user', content: [{ type: 'image-url', url: 'https://example.com/a.png' }] }]

  expect(reason(planOf({ messages: picture }, { pools: set }), 'a/text')).toBe('it does not take image input')
  expect(reason(planOf({ messages: link }, { pools: set }), 'local/small')).toMatch(/cannot fetch an image/)
  expect(reason(planOf({ toolsOffered: 2 }, { pools: set }), 'a/plain')).toMatch(/cannot call tools/)
})

test('createPlan() makes a model of unknown price ineligible only where a budget is set', () => {
  const set = [pool('quick', [deployment('a/new', { price: null })])]

  expect(planOf({}, { pools: set }).candidates).toEqual([{ model: 'a/new', pool: 'quick', rank: 1, est_cost_usd: null }])
  expect(reason(planOf({ maxCostUsd: 1 }, { pools: set }), 'a/new')).toBe('its price is unknown and a budget is set')
})

const inLoop: Message[] = [
  { role: 'user', content: [{ type: 'text', text: 'Look' }] },
  { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', input: {} }] },
  { role: 'user', content: [{ type: 'tool-result', id: '1', name: 'look', content: [], isError: false }] },
]

test('createPlan() keeps the model of a running tool loop', () => {
  const plan = planOf({ messages: inLoop, previousModel: 'a/deep' })

  expect(plan).toMatchObject({ pool: 'deep', rule: 'hold', hold: { held: true, model: 'a/deep', broken_by: null } })
})

test('createPlan() names what broke a hold', () => {
  const plan = planOf({ messages: inLoop, previousModel: 'a/quick' }, { availability: coolingIf('a/quick') })

  expect(plan.hold).toMatchObject({ held: false, kind: 'soft', model: 'a/quick', broken_by: 'failure' })
  expect(plan.hold.because).toMatch(/cooling/)
  expect(models(plan)[0]).toBe('b/spare')
})

test('explainPlan() says in dollars why a loop keeps its model or leaves it', () => {
  const rates = (input: number) => ({ ...price(input, input * 5), cacheReadPerMillion: input / 10, cacheWritePerMillion: input * 1.25 })
  const [opus, haiku] = [deployment('a/claude-opus-4-6', { price: rates(5) }), deployment('a/claude-haiku-4-5', { price: rates(1) })]
  const step = { model: opus.id, at: 0, stage: 'o', opens: true, troubled: false, head: '', promptTokens: 50_000, outputTokens: 100 }
  const conversation = nextConversation(undefined, step)
  const facts = { conversation: { conversation, seen: conversation.seen, past: [] }, pools: [pool('quick', [haiku]), pool('deep', [opus])] }

  const plan = planOf({ messages: inLoop, previousModel: opus.id, inputTokens: 50_500 }, { ...facts, now: 1000 })

  expect(plan).toMatchObject({ pool: 'quick', hold: { broken_by: 'gate_win', gate: { steps: 8 } } })
  const lines = explainPlan(plan).join('\n')
  expect(lines).toMatch(/The loop left its model a\/claude-opus-4-6 \(gate win\): a\/claude-haiku-4-5 costs less/)
  expect(lines).toMatch(
    /weighed over 8 steps: \$0\.2\d+ at a\/claude-opus-4-6, \$0\.1\d+ at a\/claude-haiku-4-5, .+ margin; the switch saves \$0\.0\d+/,
  )
})

test('createPlan() does not hold at a new turn of the user', () => {
  expect(planOf({ previousModel: 'a/deep' }).hold.held).toBe(false)
})

test('createPlan() never falls back from a local pool to one that is not', () => {
  const policy = policyOf({ name: 'private', default: { prefer: { pool: 'private' } } })

  const plan = planOf({}, { policy })

  expect(models(plan)).toEqual(['local/small'])
  expect(reason(plan, 'a/quick')).toBe('what was meant for a local pool does not leave it')
})

test('createPlan() follows the rule of the highest priority whose condition holds', () => {
  const policy = policyOf({
    name: 'rules',
    signals: { hard: { kind: 'keyword', any: ['prove'] } },
    rules: [
      { name: 'long', priority: 1, when: 'step.input_tokens > 5.0', action: { prefer: 'cheapest' } },
      { name: 'hard', why: 'it is hard', priority: 9, when: 'signals.hard', action: { prefer: 'strongest' } },
    ],
    default: { prefer: 'first' },
  })
  const reading = (value: boolean) => ({ readings: [{ signal: 'hard', value, confidence: 1, ms: 0 }] })

  expect(planOf({}, { policy, ...reading(true) })).toMatchObject({ rule: 'hard', why: 'it is hard', pool: 'deep' })
  expect(planOf({}, { policy, ...reading(false) })).toMatchObject({ rule: 'long', pool: 'private' })
})

test('createPlan() passes a rule over when its signal could not be scored, and shows it as unscored', () => {
  const policy = policyOf({
    name: 'rules',
    signals: { hard: { kind: 'keyword', any: ['prove'] } },
    rules: [{ name: 'hard', when: 'signals.hard', action: { prefer: 'strongest' } }],
    default: { prefer: 'first' },
  })

  const plan = planOf({}, { policy, failures: [{ signal: 'hard', error: 'broken', ms: 1 }] })

  expect(plan).toMatchObject({ rule: 'default', trace: [{ signal: 'hard', value: 'unscored', confidence: 0, error: 'broken' }] })
})

test('createPlan() orders by estimated cost with the selector lowest-cost, unknown prices last', () => {
  const unknown = deployment('c/new', { price: null })
  const policy = policyOf({ name: 'cheap', default: { prefer: 'first', selector: 'lowest-cost' } })

  const plan = planOf({}, { policy, pools: [pool('quick', [unknown, quick, spare])] })

  expect(models(plan)).toEqual(['b/spare', 'a/quick', 'c/new'])
})

test('createPlan() accounts for every deployment exactly once, as a candidate or as rejected with a reason', () => {
  const anyDeployment = fc.record({
    local: fc.boolean(),
    contextTokens: fc.integer({ min: 100, max: 300_000 }),
    toolCalls: fc.boolean(),
    modalities: fc.constantFrom<Deployment['modalities']>(['text'], ['text', 'image']),
    price: fc.option(fc.record({ inputPerMillion: fc.nat(20), outputPerMillion: fc.nat(80), source: fc.constant('test') }), { nil: null }),
  })
  const property = fc.property(
    fc.array(fc.array(anyDeployment, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
    fc.record({
      inputTokens: fc.nat(200_000),
      toolsOffered: fc.nat(3),
      background: fc.boolean(),
      maxCostUsd: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
    }),
    (shapes, step) => {
      const set = shapes.map((members, index) =>
        pool(
          `p${index}`,
          members.map((facts, place) => deployment(`m${index}/${place}`, facts)),
        ),
      )
      const plan = planOf(step, { pools: set })
      const all = set.flatMap((one) => one.deployments.map(({ id }) => id)).toSorted()
      const named = [...models(plan), ...plan.rejected.map((one) => one.model)].toSorted()
      expect(named).toEqual(all)
      expect(plan.rejected.every((one) => one.reason.length > 5)).toBe(true)
      expect(plan.pool).toBe(plan.candidates[0]?.pool ?? null)
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('explainPlan() says the decision first, then the reason, in sentences', () => {
  const lines = explainPlan(planOf({}, { availability: coolingIf('a/quick') }))

  expect(lines[0]).toBe('b/spare in pool "quick" answers, for about $0.0002 at most.')
  expect(lines[1]).toMatch(/^Why: .+ \(rule default of policy in-order\)\.$/)
  expect(lines).toContain('Not a/quick (quick): it is cooling down for 3 s after 503.')
})

test('explainPlan() says it when nobody can answer', () => {
  expect(explainPlan(planOf({ inputTokens: 900_000 }))[0]).toBe('No model can answer this step.')
})

const ruled = (rules: object[], more: object = {}) => policyOf({ name: 'p', rules, default: { prefer: 'first' }, ...more })

test('createPlan() lets the lower tier decide, whatever the priority', () => {
  const rules = [
    { name: 'dear', tier: 2, priority: 900, when: 'true', action: { prefer: 'strongest' } },
    { name: 'stay', tier: 1, priority: 1, when: 'true', action: { prefer: 'first', require: { local: true } } },
  ]

  const plan = planOf({}, { policy: ruled(rules) })

  expect(plan).toMatchObject({ rule: 'stay', fired: [{ rule: 'stay' }, { rule: 'dear' }] })
  expect(models(plan)).toEqual(['local/small'])
  expect(reason(plan, 'a/deep')).toBe('the rule stay keeps the step on this machine')
})

test('createPlan() takes a running loop off its model when a safety rule decides, and says so', () => {
  const safety = { name: 'stay', tier: 1, when: 'true', action: { prefer: 'first', require: { local: true } } }

  const plan = planOf({ messages: inLoop, previousModel: 'a/deep' }, { policy: ruled([safety]) })

  expect(plan).toMatchObject({ pool: 'private', hold: { held: false, model: 'a/deep', broken_by: 'safety_tier' } })
})

test('createPlan() holds what a safety rule requires against a model that the caller named', () => {
  const safety = { name: 'stay', tier: 1, when: 'true', action: { prefer: 'first', require: { local: true } } }

  const plan = planOf({ askedModel: 'a/deep' }, { policy: ruled([safety]) })

  expect(plan.pool).toBeNull()
  expect(reason(plan, 'a/deep')).toMatch(/keeps the step on this machine/)
})

test('createPlan() lets rules that observe or stand in the shadow decide nothing, and says whom a shadow would have chosen', () => {
  const rules = [
    { name: 'seen', mode: 'observe', when: 'true', action: { prefer: 'strongest' } },
    { name: 'tried', mode: 'shadow', when: 'true', action: { prefer: { pool: 'deep' } } },
  ]

  const plan = planOf({}, { policy: ruled(rules) })

  expect(plan).toMatchObject({ rule: 'default', pool: 'quick', shadow: [{ rule: 'tried', pool: 'deep', model: 'a/deep' }] })
  expect(plan.fired.map(({ mode }) => mode)).toEqual(['observe', 'shadow'])
})

test('createPlan() tries only the models that a rule names, in their order', () => {
  const plan = planOf({}, { policy: policyOf({ name: 'p', default: { prefer: 'first', models: ['b/spare', 'a/quick'] } }) })

  expect(models(plan)).toEqual(['b/spare', 'a/quick'])
  expect(reason(plan, 'a/deep')).toMatch(/allows the models b\/spare, a\/quick alone/)
})

test('createPlan() follows the projection in which members compete', () => {
  const policy = policyOf({
    name: 'p',
    projections: {
      work: { kind: 'exclusive', members: { quick: '0.2', deep: 'step.text.contains("prove") ? 0.9 : 0.0' }, default: 'quick' },
      load: {
        kind: 'score',
        of: [
          { value: 'step.tool_loop', weight: 1 },
          { value: 'step.images', weight: 2 },
        ],
      },
      band: { kind: 'bands', of: 'load', bands: { low: 0, high: 2 } },
    },
    rules: [{ name: 'busy', priority: 5, when: 'projections.band == "high"', action: { prefer: 'cheapest' } }],
    default: { prefer: { projection: 'work' } },
  })

  expect(planOf({ messages: [{ role: 'user', content: [{ type: 'text', text: 'prove it' }] }] }, { policy }).pool).toBe('deep')
  const plain = planOf({}, { policy })
  expect(plain.pool).toBe('quick')
  expect(plain.projections).toEqual([
    { projection: 'work', value: 'quick', confidence: expect.closeTo(0.88, 2) },
    { projection: 'load', value: 0, confidence: 1 },
    { projection: 'band', value: 'low', confidence: 1 },
  ])
})

test('a step that acts on a screen goes to the pools for computer use first, unless the rule names a pool', () => {
  const sees = pool('screen', [deployment('a/screen', { price: price(3, 15) })], { computer: true })
  const all = [...pools, sees]
  const on = (prefer: unknown, computerUse: boolean) =>
    planOf({ computerUse }, { pools: all, policy: policyOf({ name: 'p', default: { prefer } }, all) }).candidates[0]?.model
  expect(on('first', false)).toBe('a/quick')
  for (const prefer of ['first', 'cheapest', 'strongest', 'computer']) expect(on(prefer, true)).toBe('a/screen')
  expect(on({ pool: 'deep' }, true)).toBe('a/deep')
})
