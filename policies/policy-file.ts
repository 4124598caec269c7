import { z } from 'zod'
import { answerCacheSchema, answerUse } from './answer-cache.ts'
import { guardsSchema } from './guards.ts'
import { holdSchema } from './hold/settings.ts'
import type { OwnKinds } from './own-kinds.ts'
import { projectionSchema } from './projections.ts'
import { requestHeadersSchema } from './request-headers.ts'
import { rewriteSchema } from './rewrite.ts'
import { selectorSchema, selectorSchemaWith } from './selectors/kinds.ts'
import { signalName } from './signal-name.ts'
import { signalSchema, signalSchemaWith } from './signals/kinds.ts'
import { policyTestSchema, testPoolsSchema } from './testing/test-file.ts'

/** The data of a policy file, by itself: what stands in it is checked against pools and signals in `policy.ts`. */

const projectionName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'a projection is named in lower case, such as difficulty')
const ruleName = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'a rule is named in lower case, such as hard_step')
const sentence = z.string().max(300).default('')
const priority = z.int().min(0).max(1000).default(0)
const condition = z.string().min(1).max(4000)
const pattern = z.string().min(1).max(200)
const model = z.string().min(3).max(300).regex(/\//, 'a model is written provider/model')

const orInOrder = (schema: typeof selectorSchema) => schema.default({ kind: 'in-order' })
const signalsOf = (schema: typeof signalSchema) => z.record(signalName, schema).default({})

const actionSchema = z.strictObject({
  prefer: z.union([
    z.enum(['first', 'cheapest', 'strongest', 'computer']),
    z.strictObject({ pool: z.string() }),
    z.strictObject({ signal: signalName }),
    z.strictObject({ projection: projectionName }),
  ]),
  /** Only these, in this order where the selector is `in-order`. */
  models: z.array(model).min(1).max(100).optional(),
  /** What a model must be, else it is left out. */
  require: z.strictObject({ local: z.literal(true).optional(), pools: z.array(z.string()).min(1).max(100).optional() }).optional(),
  /** Nobody answers, whoever was asked for. */
  refuse: z.literal(true).optional(),
  selector: orInOrder(selectorSchema),
  fallback: z.boolean().default(true),
  /** Of the tools that are offered: names with `*`. */
  tools: z
    .strictObject({ allow: z.array(pattern).min(1).max(256).optional(), block: z.array(pattern).min(1).max(256).optional() })
    .optional(),
  /** What memory adds: turns of the thread, recalled items, tokens of both. */
  context: z
    .strictObject({
      turns: z.int().min(0).max(1000).optional(),
      recalled: z.int().min(0).max(100).optional(),
      tokens: z.int().min(0).max(1_000_000).optional(),
    })
    .optional(),
  budget: z.strictObject({ usd_per_call: z.number().positive().max(1000) }).optional(),
  /** Parameters of the request, where the caller gave none. */
  request: z
    .strictObject({ max_output_tokens: z.int().min(1).max(1_000_000).optional(), temperature: z.number().min(0).max(2).optional() })
    .optional(),
  /** Of the request to the provider, beside what a client sends. */
  headers: requestHeadersSchema.optional(),
  /** Whether kept answers may answer, whatever else the policy says of them. */
  cache: answerUse.optional(),
  /** What the guard of computer use is told; in `default` alone. */
  guards: guardsSchema.optional(),
})

const ruleFields = z.strictObject({
  name: ruleName,
  why: sentence,
  /** The lower tier decides first: 1 is for safety, and also takes a running loop off its model. */
  tier: z.int().min(1).max(9).default(2),
  priority,
  when: condition,
  /**
   * `enforce` decides; `annotate` tells the model why it fired, and decides nothing; `observe` says that it would have fired; `shadow`
   * says whom it would have chosen, too.
   */
  mode: z.enum(['enforce', 'annotate', 'observe', 'shadow']).default('enforce'),
})

/** A rule that tells the model something says what in `why`, and needs no action: there it stands for nothing. */
const ruleOf = (action: typeof actionSchema) =>
  ruleFields
    .extend({ action: action.optional() })
    .superRefine(({ mode, why, action: given }, context) => {
      const report = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
      if (mode === 'annotate' && why === '') report('why', 'must say what the model is told, where mode is annotate')
      if (mode === 'annotate' && given !== undefined)
        report('action', 'must not be there where mode is annotate: such a rule decides nothing')
      if (mode !== 'annotate' && given === undefined) report('action', 'must be there unless mode is annotate')
    })
    .transform((rule) => ({ ...rule, action: rule.action ?? action.parse({ prefer: 'first' }) }))
const ruleSchema = ruleOf(actionSchema)

const rulesOf = (schema: typeof ruleSchema) => z.array(schema).max(1000).default([])

export const permissionSchema = z
  .strictObject({
    name: ruleName,
    why: sentence,
    priority,
    when: condition,
    do: z.enum(['allow', 'confirm', 'deny', 'rewrite']),
    rewrite: rewriteSchema.optional(),
  })
  .refine(({ do: wanted, rewrite }) => (wanted === 'rewrite') === (rewrite !== undefined), {
    path: ['rewrite'],
    error: 'must be there if, and only if, do is rewrite',
  })

const permission = z.enum(['allow', 'confirm', 'deny'])

const policySchema = z.strictObject({
  name: z.string().min(1).max(60),
  description: z.string().max(500).default(''),
  signals: signalsOf(signalSchema),
  projections: z.record(projectionName, projectionSchema).default({}),
  rules: rulesOf(ruleSchema),
  default: actionSchema,
  hold: holdSchema,
  tools: z
    .strictObject({
      call: z.strictObject({ read: permission, write: permission, destructive: permission }),
      loop: z.strictObject({
        read: permission,
        write: permission,
        destructive: permission,
        send_after_private_read: permission.default('confirm'),
        send_after_injection: permission.default('confirm'),
      }),
    })
    .default({
      call: { read: 'allow', write: 'allow', destructive: 'confirm' },
      loop: {
        read: 'allow',
        write: 'confirm',
        destructive: 'confirm',
        send_after_private_read: 'confirm',
        send_after_injection: 'confirm',
      },
    }),
  permissions: z.array(permissionSchema).max(1000).default([]),
  results: z
    .strictObject({
      condense: z.boolean().default(false),
      over_bytes: z.int().min(1000).max(10_000_000).default(20_000),
      /** What becomes of results in which strangers give orders to the model. Without it they are observed, and read in full in loops alone. */
      injection: z
        .strictObject({
          do: z.enum(['off', 'observe', 'annotate', 'withhold']).default('observe'),
          threshold: z.number().gt(0).lt(1).optional(),
        })
        .optional(),
      cache: z
        .strictObject({
          ttl_s: z.int().min(1).max(86_400),
          tools: z.array(z.string().min(1).max(128)).min(1).max(256),
        })
        .optional(),
    })
    .prefault({}),
  /** Answers of models that are kept for requests that ask the same. */
  cache: answerCacheSchema.optional(),
  /** The pools that tests take unless they bring their own; those that are configured where there are none. */
  test_pools: testPoolsSchema.optional(),
  tests: z.array(policyTestSchema).max(1000).default([]),
})

/** What may stand in a policy file, with kinds of signals and selectors that are not ours. */
export function policySchemas({ signals = [], selectors = [] }: OwnKinds = {}) {
  if (signals.length + selectors.length === 0) return { action: actionSchema, rule: ruleSchema, policy: policySchema }
  const action = actionSchema.extend({ selector: orInOrder(selectorSchemaWith(selectors)) })
  const rule = ruleOf(action)
  const policy = policySchema.extend({ signals: signalsOf(signalSchemaWith(signals)), rules: rulesOf(rule), default: action })
  return { action, rule, policy }
}

export type PolicyAction = z.output<typeof actionSchema>
export type PolicyRuleData = z.output<typeof ruleSchema>
export type PolicyPermissionData = z.output<typeof permissionSchema>
export type PolicyFile = z.output<typeof policySchema>
