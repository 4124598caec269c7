import { familyOf } from '../families.ts'
import { type AnthropicQuirks, quirksOf } from '../providers/anthropic-models.ts'
import { effortOfBudget, leastBudget, thinkingBudgets } from '../providers/anthropic-thinking.ts'
import { isRecord } from '../providers/failure.ts'

type Body = Readonly<Record<string, unknown>>

/** Fields that are to be another; `undefined` for those that are to go. */
export type Changes = Readonly<Record<string, unknown>>

/**
 * What must be another in a body that was written for one model when another one of the format answers it: ways of
 * thinking, sampling and forced calls that this one would refuse with a 400. Whatever it takes stays.
 */
export function parametersFor(body: Body, model: string): Changes {
  const quirks = quirksOf(model)
  const choice = choiceFor(body, quirks)
  const thinking = thinkingFor({ ...body, ...choice }, model, quirks)
  const sampling = samplingFor({ ...body, ...thinking }, quirks)
  return { ...choice, ...thinking, ...sampling }
}

function choiceFor({ tool_choice: choice }: Body, { forcedTools }: AnthropicQuirks): Changes {
  if (forcedTools || !isForced(choice)) return {}
  const { name: _, ...rest } = choice
  return { tool_choice: { ...rest, type: 'auto' } }
}

function isForced(choice: unknown): choice is Record<string, unknown> {
  return isRecord(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')
}

function thinkingFor(body: Body, model: string, quirks: AnthropicQuirks): Changes {
  const { thinking, output_config: config } = body
  const effort = isRecord(config) ? config['effort'] : undefined
  const type = isRecord(thinking) ? thinking['type'] : undefined
  const budget = isRecord(thinking) ? thinking['budget_tokens'] : undefined
  if (quirks.thinking === 'none') return { ...(type !== undefined && { thinking: undefined }), ...withEffort(config, undefined) }
  if (quirks.thinking === 'manual') {
    const rest = quirks.effort ? {} : withEffort(config, undefined)
    if (type === undefined || type === 'disabled') return rest
    const wanted = typeof budget === 'number' ? budget : thinkingBudgets[effort === 'low' || effort === 'medium' ? effort : 'high']
    const most = longestAnswer(body, model) - 1
    const fits = Math.min(wanted, most)
    if (fits < leastBudget || isForced(body['tool_choice'])) return { ...rest, thinking: undefined }
    return type === 'enabled' && fits === budget ? rest : { ...rest, thinking: { type: 'enabled', budget_tokens: fits } }
  }
  const taken = effort === 'xhigh' && !quirks.extraHighEffort ? 'high' : effort
  if (type === 'enabled' && !quirks.thinkingBudget) {
    const steered = taken ?? (typeof budget === 'number' ? effortOfBudget(budget) : undefined)
    return { thinking: { type: 'adaptive' }, ...withEffort(config, steered) }
  }
  const refusesOff = type === 'disabled' && !quirks.thinkingBudget && !quirks.switchesThinkingOff
  return { ...(refusesOff && { thinking: undefined }), ...withEffort(config, taken) }
}

/** The limit that counts: a dearer model's may be more than this one can. */
function longestAnswer({ max_tokens: limit }: Body, model: string): number {
  return Math.min(
    typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY,
    familyOf(model)?.maxOutputTokens ?? Number.POSITIVE_INFINITY,
  )
}

function withEffort(config: unknown, effort: unknown): Changes {
  const { effort: before, ...rest } = isRecord(config) ? config : {}
  if (before === effort) return {}
  if (effort !== undefined) return { output_config: { ...rest, effort } }
  return { output_config: Object.keys(rest).length > 0 ? rest : undefined }
}

const samplingFields = ['temperature', 'top_p', 'top_k']

function samplingFor(body: Body, { temperature, bothSamplings }: AnthropicQuirks): Changes {
  const { thinking } = body
  const isManual = isRecord(thinking) && thinking['type'] === 'enabled'
  const refused = !temperature || isManual ? samplingFields : bothSamplings || body['temperature'] === undefined ? [] : ['top_p']
  return Object.fromEntries(refused.filter((name) => body[name] !== undefined).map((name) => [name, undefined]))
}
