import { z } from 'zod'
import type { Pool } from '../../models/pool.ts'
import { PolicyError, type PolicyIssue, parsePolicy } from '../policy.ts'
import type { PolicyFile } from '../policy-file.ts'
import { requestHeadersSchema } from '../request-headers.ts'
import { ownPools } from '../testing/own-pools.ts'
import { testPoolsSchema } from '../testing/test-file.ts'
import { conditionOf, createLeaves, createNames } from './leaves.ts'
import { convertProjections } from './projections.ts'
import {
  type Routing,
  type RoutingDecision,
  ruleNodeSchema,
  type SemanticRouterFile,
  semanticRouterSchema,
} from './semantic-router-file.ts'

/** What a policy file of ours says of it, before any default is filled in. */
export interface ConvertedPolicy {
  readonly policy: Record<string, unknown> & { readonly rules: readonly ConvertedRule[] }
  /** Pools that the rules name: the configuration has to define them. */
  readonly pools: Readonly<Record<string, { readonly models: readonly string[] }>>
  /** Each thing that could not be carried over, or only in another way. */
  readonly missing: readonly string[]
}

export interface ConvertedRule {
  readonly name: string
  readonly [key: string]: unknown
}

/** A file that is no configuration of the vLLM Semantic Router, or of a version that is not known. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError'
  readonly code = 'convert_failed'
}

/** Their algorithms that are an order of ours. */
const selectors: Readonly<Record<string, PolicyFile['default']['selector']['kind']>> = { static: 'in-order' }

/** The tiers of theirs that ours can hold; none is theirs for "after all others". */
const [highestTier, lowestTier] = [1, 9]
const highestPriority = 1000

/**
 * Makes a policy of a vLLM Semantic Router configuration: its decisions become rules, its models pools.
 *
 * What it has beyond routing (providers, stores, plugins) is not carried over. A signal that this version does not have never
 * holds; a decision that needs one is left out. Everything of this kind is in `missing`.
 *
 * @throws {ConvertError} If it is no such configuration, or has no recipe of that name.
 */
export function convertSemanticRouter(data: unknown, { recipe: wanted }: { recipe?: string | undefined } = {}): ConvertedPolicy {
  const parsed = semanticRouterSchema.safeParse(data)
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(file)'}: ${message}`)
    throw new ConvertError(`Cannot convert: it is no configuration of the vLLM Semantic Router (${issues.join('; ')})`)
  }
  const file = parsed.data
  const { name, description, routing } = recipeOf(file, wanted)
  const missing = new Set<string>()
  const report = (sentence: string) => void missing.add(sentence)

  const leaves = createLeaves(routing)
  const { projections, of } = convertProjections(routing, leaves, report)
  const pools = createPoolNames()
  const ruleName = createNames(60)
  const priorityOf = priorities(routing.decisions)
  if (routing.strategy !== undefined && routing.strategy !== 'priority')
    report(`strategy ${routing.strategy}: the order is by tier, then priority`)

  const fallback = file.providers?.defaults?.default_model ?? file.providers?.defaults?.model
  let defaultAction: Record<string, unknown> = fallback === undefined ? { prefer: 'first' } : { prefer: { pool: pools.of([fallback]) } }
  const rules: ConvertedRule[] = []
  for (const decision of routing.decisions) {
    const action = actionOf(decision, pools, report)
    const node = ruleNodeSchema.safeParse(decision.rules ?? { operator: 'AND', conditions: [] })
    if (!node.success) {
      report(`decision ${decision.name}: its rules cannot be read`)
      continue
    }
    if ('conditions' in node.data && node.data.conditions.length === 0) {
      defaultAction = action
      continue
    }
    const condition = conditionOf(node.data, { of })
    if (condition.when === undefined || condition.when.length > 4000) {
      const why = condition.when === undefined ? `it needs ${condition.missing.join(', ')}` : 'its condition is too long'
      report(`decision ${decision.name}: left out, since ${why}`)
      continue
    }
    for (const one of condition.missing) report(`decision ${decision.name}: without ${one}, which counts as never there`)
    rules.push({
      name: ruleName(decision.name),
      ...(decision.description !== '' && { why: decision.description.slice(0, 300) }),
      ...(decision.tier !== undefined && decision.tier > 0 && { tier: Math.min(lowestTier, Math.max(highestTier, decision.tier)) }),
      priority: priorityOf(decision.priority),
      when: condition.when,
      action,
    })
  }
  for (const change of leaves.changes) report(change)

  const made = {
    name: name.slice(0, 60),
    ...(description !== undefined && { description: description.slice(0, 500) }),
    signals: Object.fromEntries(leaves.signals.map((one) => [one.name, one.options])),
    ...(Object.keys(projections).length > 0 && { projections }),
    rules,
    default: defaultAction,
    test_pools: testPools(pools.all(), file),
  }
  return { policy: withoutUnusable(made, report), pools: pools.all(), missing: [...missing] }
}

/** Leaves out the rules that this version cannot take; what remains can be served with the pools that it names. */
function withoutUnusable(policy: ConvertedPolicy['policy'], report: (sentence: string) => void): ConvertedPolicy['policy'] {
  const { test_pools: given, ...served } = policy
  const issues = issuesOf(served, ownPools(testPoolsSchema.parse(given)))
  if (issues.length === 0) return policy
  const wrong = new Map(
    issues.flatMap(({ path, message }) => (/^rules\.(\d+)\.when$/.test(path) ? [[Number(path.split('.')[1]), message]] : [])),
  )
  const others = issues.filter(({ path }) => !/^rules\.\d+\.when$/.test(path))
  if (others.length > 0) throw new ConvertError(`Cannot convert: ${others.map(({ path, message }) => `${path}: ${message}`).join('; ')}`)
  for (const [index, message] of wrong) report(`decision ${policy.rules[index]?.name}: left out, since ${message}`)
  return withoutUnusable({ ...policy, rules: policy.rules.filter((_rule, index) => !wrong.has(index)) }, report)
}

function issuesOf(policy: unknown, pools: readonly Pool[]): readonly PolicyIssue[] {
  try {
    parsePolicy(policy, { source: 'the converted policy', pools, embedder: undefined })
    return []
  } catch (error) {
    if (error instanceof PolicyError) return error.issues
    throw error
  }
}

function recipeOf(
  file: SemanticRouterFile,
  wanted: string | undefined,
): { name: string; description?: string | undefined; routing: Routing } {
  const named = file.recipes.map(({ name }) => name)
  if (wanted !== undefined) {
    const found = file.recipes.find(({ name }) => name === wanted)
    if (found === undefined)
      throw new ConvertError(`Cannot convert: there is no recipe "${wanted}" (there are: ${named.join(', ') || 'none'})`)
    return found
  }
  const own = file.routing
  if (own !== undefined && own.decisions.length > 0) return { name: 'converted', routing: own }
  const first = file.recipes[0]
  if (first === undefined) throw new ConvertError('Cannot convert: neither routing.decisions nor recipes stand in it')
  return first
}

function actionOf(
  { name, modelRefs, algorithm, plugins, emits, output_contract: contract }: RoutingDecision,
  pools: PoolNames,
  report: (sentence: string) => void,
): Record<string, unknown> {
  const models = modelRefs.map(({ model }) => model)
  if (models.length === 0) report(`decision ${name}: it names no model, so the first pool answers`)
  for (const { model, use_reasoning: reasoning, lora_name: lora } of modelRefs) {
    if (reasoning === true) report(`decision ${name}: reasoning of ${model} is not switched on`)
    if (lora !== undefined) report(`decision ${name}: without the adapter ${String(lora)} of ${model}`)
  }
  const selector = algorithm === undefined ? undefined : selectors[algorithm.type]
  if (algorithm !== undefined && selector === undefined)
    report(`decision ${name}: models in their order, where ${algorithm.type} was asked for`)
  if (emits !== undefined) report(`decision ${name}: without its hints on retention`)
  if (contract !== undefined) report(`decision ${name}: without its output contract`)
  const tools: Record<string, unknown> = {}
  const headers: Record<string, string> = {}
  for (const { type, configuration } of plugins) {
    if (configuration['enabled'] === false) continue
    if (type === 'header_mutation') {
      Object.assign(headers, headersOf(name, configuration, report))
      continue
    }
    if (type !== 'tools') {
      report(`decision ${name}: without its plugin ${type}`)
      continue
    }
    if (isTexts(configuration['allow_tools'])) tools['allow'] = configuration['allow_tools']
    if (isTexts(configuration['block_tools'])) tools['block'] = configuration['block_tools']
    if (configuration['mode'] === 'none') tools['block'] = ['*']
    if (configuration['semantic_selection'] === true) report(`decision ${name}: tools are not selected by meaning here`)
  }
  return {
    prefer: models.length === 0 ? 'first' : { pool: pools.of(models) },
    ...(Object.keys(tools).length > 0 && { tools }),
    ...(Object.keys(headers).length > 0 && { headers }),
  }
}

const headerSchema = z.object({ name: z.string().toLowerCase(), value: z.string() })

/** Added and updated headers are set, each that a policy may set. */
function headersOf(
  decision: string,
  { add, update, delete: removed }: Readonly<Record<string, unknown>>,
  report: (sentence: string) => void,
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const given of [add, update].flatMap((list): unknown[] => (Array.isArray(list) ? list : []))) {
    const { data: header } = headerSchema.safeParse(given)
    if (header !== undefined && requestHeadersSchema.safeParse({ ...headers, [header.name]: header.value }).success)
      headers[header.name] = header.value
    else report(`decision ${decision}: without the header ${header?.name ?? JSON.stringify(given)}, which a policy cannot set`)
  }
  if (Array.isArray(removed) && removed.length > 0) report(`decision ${decision}: headers ${removed.join(', ')} are not taken away`)
  return headers
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
}

interface PoolNames {
  of(models: readonly string[]): string
  all(): Record<string, { models: string[] }>
}

/** A pool for each list of models, named after its first one. */
function createPoolNames(): PoolNames {
  const byModels = new Map<string, { name: string; models: string[] }>()
  const nameOf = createNames(40)
  return {
    of(models) {
      const unique = [...new Set(models)].map(asModel)
      const key = unique.join(' ')
      const known = byModels.get(key)
      if (known !== undefined) return known.name
      const [first = ''] = unique
      const rest = unique.length === 1 ? '' : `_and_${unique.length - 1}`
      const name = nameOf(`${first.slice(first.indexOf('/') + 1)}${rest}`)
      byModels.set(key, { name, models: unique })
      return name
    },
    all: () => Object.fromEntries([...byModels.values()].map(({ name, models }) => [name, { models }])),
  }
}

/** A model of ours is written with its provider. */
function asModel(name: string): string {
  return name.includes('/') ? name : `local/${name}`
}

function testPools(pools: ConvertedPolicy['pools'], { providers, routing }: SemanticRouterFile): Record<string, unknown> {
  const priced = new Map(providers?.models.map(({ name, pricing = {} }) => [asModel(name), priceOf(pricing)]))
  const contexts = new Map(routing?.modelCards.map(({ name, context_window_size: tokens }) => [asModel(name), tokens]))
  return Object.fromEntries(
    Object.entries(pools).map(([name, { models }]) => [
      name,
      {
        models: models.map((model) => {
          const [price, tokens] = [priced.get(model), contexts.get(model)]
          return { model, ...(price !== undefined && { price }), ...(tokens !== undefined && { context_tokens: tokens }) }
        }),
      },
    ]),
  )
}

function priceOf(pricing: Readonly<Record<string, unknown>>): { input: number; output: number } | undefined {
  const input = Number(pricing['prompt_per_1m'] ?? pricing['input_cost_per_million_tokens'])
  const output = Number(pricing['completion_per_1m'] ?? pricing['output_cost_per_million_tokens'])
  return Number.isFinite(input) && Number.isFinite(output) ? { input, output } : undefined
}

/** Theirs as they are where they fit, else by rank. */
function priorities(decisions: readonly RoutingDecision[]): (priority: number) => number {
  const all = [...new Set(decisions.map(({ priority }) => priority))].toSorted((left, right) => left - right)
  const fit = all.every((one) => Number.isInteger(one) && one >= 0 && one <= highestPriority)
  return fit ? (priority) => priority : (priority) => all.indexOf(priority)
}
