import { z } from 'zod'

/**
 * The parts of a vLLM Semantic Router configuration (version v0.3) that a policy can take over. Whatever else stands in one is let
 * pass here; what belongs to routing and is not taken over is named by the converter.
 */

const number = z.coerce.number()
const predicate = z.looseObject({
  gt: number.optional(),
  gte: number.optional(),
  lt: number.optional(),
  lte: number.optional(),
})
const feature = z.looseObject({
  type: z.string(),
  source: z.looseObject({
    type: z.string(),
    pattern: z.string().optional(),
    role: z.string().optional(),
    keywords: z.array(z.string()).optional(),
    sequences: z.array(z.array(z.string())).optional(),
    case_sensitive: z.boolean().optional(),
  }),
})
const named = { name: z.string() }
const texts = z.looseObject({ candidates: z.array(z.string()).default([]) })

const signals = z.looseObject({
  keywords: z
    .array(
      z.looseObject({
        ...named,
        operator: z.string().default('OR'),
        method: z.string().optional(),
        case_sensitive: z.boolean().default(false),
        keywords: z.array(z.string()).default([]),
        bm25_threshold: number.optional(),
        ngram_threshold: number.optional(),
        ngram_arity: number.optional(),
      }),
    )
    .default([]),
  embeddings: z
    .array(
      z.looseObject({
        ...named,
        threshold: number.default(0.5),
        aggregation_method: z.string().default('max'),
        candidates: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  domains: z.array(z.looseObject({ ...named, mmlu_categories: z.array(z.string()).optional() })).default([]),
  context: z
    .array(
      z.looseObject({
        ...named,
        min_tokens: z.union([z.string(), number]).optional(),
        max_tokens: z.union([z.string(), number]).optional(),
      }),
    )
    .default([]),
  structure: z.array(z.looseObject({ ...named, feature, predicate: predicate.optional() })).default([]),
  conversation: z.array(z.looseObject({ ...named, feature, predicate: predicate.optional() })).default([]),
  complexity: z
    .array(
      z.looseObject({
        ...named,
        threshold: number.optional(),
        hard: texts.optional(),
        easy: texts.optional(),
        composer: z.unknown().optional(),
      }),
    )
    .default([]),
  role_bindings: z.array(z.looseObject({ ...named, role: z.string() })).default([]),
  metadata: z.array(z.looseObject({ ...named, key: z.string(), predicate: z.looseObject({}).optional() })).default([]),
  input_modality: z.array(z.looseObject({ ...named, modality: z.string() })).default([]),
})

const projections = z.looseObject({
  partitions: z
    .array(z.looseObject({ ...named, temperature: number.optional(), members: z.array(z.string()), default: z.string().optional() }))
    .default([]),
  scores: z
    .array(
      z.looseObject({
        ...named,
        inputs: z.array(
          z.looseObject({ type: z.string(), name: z.string().optional(), weight: number, value_source: z.string().optional() }),
        ),
      }),
    )
    .default([]),
  mappings: z
    .array(
      z.looseObject({
        ...named,
        source: z.string(),
        method: z.string().optional(),
        outputs: z.array(predicate.extend(named)),
      }),
    )
    .default([]),
})

const decision = z.looseObject({
  ...named,
  description: z.string().default(''),
  priority: number.default(0),
  tier: z.coerce.number().int().optional(),
  rules: z.unknown().optional(),
  modelRefs: z.array(z.looseObject({ model: z.string() })).default([]),
  algorithm: z.looseObject({ type: z.string() }).optional(),
  plugins: z.array(z.looseObject({ type: z.string(), configuration: z.record(z.string(), z.unknown()).default({}) })).default([]),
})

const routing = z.looseObject({
  strategy: z.string().optional(),
  modelCards: z.array(z.looseObject({ ...named, context_window_size: number.optional() })).default([]),
  signals: signals.prefault({}),
  projections: projections.prefault({}),
  decisions: z.array(decision).default([]),
})

export const semanticRouterSchema = z.looseObject({
  providers: z
    .looseObject({
      defaults: z.looseObject({ default_model: z.string().optional(), model: z.string().optional() }).optional(),
      models: z.array(z.looseObject({ ...named, pricing: z.record(z.string(), z.unknown()).optional() })).default([]),
    })
    .optional(),
  routing: routing.optional(),
  recipes: z.array(z.looseObject({ ...named, description: z.string().optional(), routing })).default([]),
})

export type SemanticRouterFile = z.output<typeof semanticRouterSchema>
export type Routing = z.output<typeof routing>
export type RoutingDecision = z.output<typeof decision>
export type Predicate = z.output<typeof predicate>
export type Feature = z.output<typeof feature>

/** A node of a decision's rules: a leaf that names a signal, or an operator over others. */
export const ruleNodeSchema: z.ZodType<RuleNode> = z.lazy(() =>
  z.union([
    z.looseObject({ operator: z.enum(['AND', 'OR', 'NOT']), conditions: z.array(ruleNodeSchema) }),
    z.looseObject({ type: z.string(), name: z.string() }),
  ]),
)
export type RuleNode = { operator: 'AND' | 'OR' | 'NOT'; conditions: RuleNode[] } | { type: string; name: string }
