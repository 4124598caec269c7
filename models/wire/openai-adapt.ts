import { isRecord } from '../providers/failure.ts'
import { effortFor, mayReason, takesParallelToolCalls, takesTemperature } from '../providers/openai-models.ts'
import type { RewriteTarget } from './client-format.ts'

type Body = Record<string, unknown>

/** Whether the client asked for this very model: then what the model refuses is the client's to hear. */
export function isChosen({ model }: Body, target: RewriteTarget): boolean {
  return model === target.model || model === target.deployment
}

/**
 * The body without what a model answers with a 400: sampling and, under its old name, the limit of the answer for models that
 * reason, an effort for those that do not. The same object where it refuses nothing.
 */
export function adaptChatBody(body: Body, model: string): Body {
  const changes: Body = {}
  if (!takesTemperature(model)) {
    for (const name of [
      'temperature',
      'top_p',
      'stop',
      'logprobs',
      'top_logprobs',
      'presence_penalty',
      'frequency_penalty',
      'logit_bias',
    ]) {
      changes[name] = undefined
    }
    if (isSaid(body['max_tokens'])) {
      changes['max_tokens'] = undefined
      changes['max_completion_tokens'] = body['max_completion_tokens'] ?? body['max_tokens']
    }
  }
  if (!takesParallelToolCalls(model)) changes['parallel_tool_calls'] = undefined
  if (isSaid(body['reasoning_effort'])) changes['reasoning_effort'] = effortFor(model, body['reasoning_effort'])
  return changed(body, changes)
}

/** As `adaptChatBody`. A model that never reasons takes neither an effort nor the wish for what it thought. */
export function adaptResponsesBody(body: Body, model: string): Body {
  const changes: Body = {}
  if (!takesTemperature(model)) for (const name of ['temperature', 'top_p', 'top_logprobs']) changes[name] = undefined
  if (!takesParallelToolCalls(model)) changes['parallel_tool_calls'] = undefined
  const { reasoning, include } = body
  if (!mayReason(model)) {
    changes['reasoning'] = undefined
    if (Array.isArray(include) && include.includes('reasoning.encrypted_content')) {
      changes['include'] = include.filter((wish) => wish !== 'reasoning.encrypted_content')
    }
  } else if (isRecord(reasoning) && isSaid(reasoning['effort'])) {
    changes['reasoning'] = changed(reasoning, { effort: effortFor(model, reasoning['effort']) })
  }
  return changed(body, changes)
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null
}

function changed(body: Body, changes: Body): Body {
  const names = Object.keys(changes).filter((name) =>
    Object.hasOwn(body, name) ? body[name] !== changes[name] : changes[name] !== undefined,
  )
  if (names.length === 0) return body
  const made: Body = { ...body }
  for (const name of names) {
    if (changes[name] === undefined) delete made[name]
    else made[name] = changes[name]
  }
  return made
}
