import { z } from 'zod'
import { explainPlan, type Plan } from '../../policies/index.ts'
import { extractivePool } from '../dispatch/line.ts'
import { planStep } from '../dispatch/plan-step.ts'
import { recordDecision } from '../dispatch/record.ts'
import { capsOf, reachOf } from '../reach.ts'
import { type AskInput, askFields, fieldsByName, readMessages } from './ask-input.ts'
import { taintOfRequest } from './keep-taint.ts'
import { firstTools } from './loop-tools.ts'
import type { Operation } from './operation.ts'
import { answer } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  ...askFields,
  pool: z.string().max(100).optional(),
  offered_tools: z.array(z.string().max(200)).max(2000).optional(),
})
type Input = AskInput & { offered_tools?: string[] | undefined }

/** The decision without its consequences: nothing is dispatched, spent or remembered. It takes what `ask` takes, and waits for nothing (`wait_s`). */
export function createPlanStep(services: Services): Operation {
  return {
    name: 'plan_step',
    title: 'Plan a step',
    description:
      'Says which pool and model would answer, why, at what cost, and why the others would not. Takes what ask takes; dispatches nothing.',
    input,
    output: z.looseObject({ decision: z.string(), pool: z.string().nullable(), rule: z.string() }),
    shown: { input: fieldsByName(Object.keys(input.shape)) },
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run(given: Input, context) {
      const { principal, client } = context.caller
      const { messages } = await readMessages(given, context.caller, services.files)
      const thread = given.thread === undefined ? undefined : await services.threads.get(principal, given.thread)
      const named = given.offered_tools?.map((name) => ({ name, description: '', inputSchema: { type: 'object' } })) ?? []
      const found = given.use_tools === true ? await firstTools(services, context, messages) : []
      const request = {
        principal,
        client: client?.name,
        roles: context.caller.roles,
        metadata: context.caller.metadata,
        mayUsePool: reachOf(context.caller, services.config()).pool,
        caps: capsOf(context.caller),
        thread: thread?.thread,
        messages,
        system: given.system,
        pool: given.pool,
        model: given.model,
        maxOutputTokens: given.max_output_tokens,
        maxCostUsd: given.max_cost_usd,
        responseSchema: given.response_schema,
        tools: [...found, ...named],
        cache: given.cache,
        taint: () => taintOfRequest(given, messages),
      }
      const planned = await planStep(services, request, { signal: context.signal })
      const { plan } = planned
      const warnings = [...planned.context.warnings, ...(await recordDecision(services, planned))]
      return answer({ ...plan }, [...inWords(plan), ...warnings.map((warning) => `Warning: ${warning}.`)].join('\n'))
    },
  }
}

/** Why no model answers is the first thing that a person asks who has not configured one. */
function inWords(plan: Plan): string[] {
  const lines = explainPlan(plan)
  const noModel = plan.pool === extractivePool && plan.rejected.length === 0
  return noModel
    ? [...lines.slice(0, 1), 'No model pool is configured, so sentences of the given text are the answer.', ...lines.slice(1)]
    : lines
}
