import { z } from 'zod'
import { signalName } from '../signal-name.ts'

/** Tests as they stand in a policy file: the step that is given, the plan that is expected. */

const modelId = z.string().min(3).max(300).regex(/\//, 'a model is written provider/model')
const modality = z.enum(['text', 'image', 'file'])

const ownModel = z.strictObject({
  model: modelId,
  /** US dollars per million tokens; unknown unless given, and 0 in a local pool. */
  price: z.strictObject({ input: z.number().min(0), output: z.number().min(0) }).optional(),
  local: z.boolean().optional(),
  context_tokens: z.int().min(1).max(100_000_000).default(200_000),
  max_output_tokens: z.int().min(1).max(10_000_000).default(8192),
  modalities: z.array(modality).optional(),
  tool_calls: z.boolean().default(true),
})

const ownPool = z.strictObject({
  models: z
    .array(z.preprocess((given) => (typeof given === 'string' ? { model: given } : given), ownModel))
    .min(1)
    .max(100),
  local: z.boolean().default(false),
  computer: z.boolean().default(false),
  for: z.string().max(300).default(''),
})

/** In the order in which the policy sees them. The built-in pool follows by itself. */
export const testPoolsSchema = z.record(z.string().min(1).max(40), ownPool)

const part = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ image: z.literal(true) }),
  z.strictObject({ call: z.string().min(1), input: z.record(z.string(), z.unknown()).default({}) }),
  /** Answers the first call of this name that is not answered yet. */
  z.strictObject({ result: z.string().min(1), text: z.string().default(''), error: z.boolean().default(false) }),
])

const scalar = z.union([z.boolean(), z.number(), z.string()])

export const givenSchema = z
  .strictObject({
    /** What the person says, alone. */
    text: z.string().optional(),
    /** Or the whole conversation. */
    messages: z
      .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(part).min(1)]) }))
      .min(1)
      .optional(),
    /** Whose turn it is; read off the messages unless given. */
    kind: z.enum(['user_turn', 'continuation', 'background']).optional(),
    /** How many, or their names. */
    tools_offered: z.union([z.int().min(0).max(10_000), z.array(z.string().min(1)).max(10_000)]).default(0),
    /** Estimated of the messages unless given. */
    input_tokens: z.int().min(0).optional(),
    max_output_tokens: z.int().min(1).optional(),
    /** Beside those in the messages. */
    images: z.int().min(0).max(100).default(0),
    previous_model: modelId.optional(),
    asked_pool: z.string().optional(),
    asked_model: modelId.optional(),
    client: z.string().optional(),
    roles: z.array(z.string()).default([]),
    metadata: z.record(z.string(), z.string()).default({}),
    taint: z.array(z.enum(['untrusted_read', 'private_read', 'can_send', 'injected_read'])).default([]),
    /** A value that stands for the signal's own, alone or with how sure it is. */
    signals: z
      .record(signalName, z.union([scalar, z.strictObject({ value: scalar, confidence: z.number().min(0).max(1).default(1) })]))
      .default({}),
    /** Models that have failed and rest. */
    cooling: z.array(modelId).default([]),
    budget: z
      .strictObject({
        usd_per_call: z.number().positive().optional(),
        usd_per_day: z.number().positive().optional(),
        spent_today_usd: z.number().min(0).default(0),
      })
      .default({ spent_today_usd: 0 }),
    /** Instead of the file's `test_pools`, or of those that are configured. */
    pools: testPoolsSchema.optional(),
  })
  .refine(({ text, messages }) => text === undefined || messages === undefined, { path: ['text'], error: 'must not stand beside messages' })

const expectSchema = z
  .strictObject({
    /** A rule of the policy, or `default`, `hold`, `asked_model`, `asked_pool`. */
    rule: z.string().optional(),
    /** `null`: nobody can answer. */
    pool: z.string().nullable().optional(),
    model: modelId.nullable().optional(),
    selector: z.string().optional(),
    held: z.boolean().optional(),
    /** All rules whose condition holds, in any order. */
    fired: z.array(z.string()).optional(),
    /** Models that are left out, among others. */
    rejected: z.array(modelId).optional(),
    projections: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
    /** The offered tools that remain, in their order. */
    tools: z.array(z.string()).optional(),
    /** All headers that the rule sets of the request to the provider. */
    headers: z.record(z.string(), z.string()).optional(),
    /** What the policy tells the guards, with what was left out filled in. */
    guards: z.array(z.record(z.string(), z.unknown())).optional(),
  })
  .refine((expected) => Object.keys(expected).length > 0, 'must expect something')

export const policyTestSchema = z.strictObject({
  name: z.string().min(1).max(200),
  given: givenSchema,
  expect: expectSchema,
})

export type TestPools = z.output<typeof testPoolsSchema>
export type Given = z.output<typeof givenSchema>
export type Expected = z.output<typeof expectSchema>
export type PolicyTest = z.output<typeof policyTestSchema>
