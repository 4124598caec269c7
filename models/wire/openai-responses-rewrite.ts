import { isOwnCheck } from '../computer/safety.ts'
import { isRecord } from '../providers/failure.ts'
import { idRuleOf, mapIds } from '../providers/tool-ids.ts'
import type { RewriteTarget } from './client-format.ts'
import { adaptResponsesBody, isChosen } from './openai-adapt.ts'

type Body = Record<string, unknown>

/**
 * The body for another deployment of Responses: reasoning items as the target says, ids of calls that its model takes, and
 * none of the parameters that it would refuse where the client left the choice of a model to us.
 *
 * What stays as it was is the same object. The vendor refuses an item whose id it knows to follow a reasoning item that is
 * not there (`provided without its required 'reasoning' item`), so what follows a dropped one loses its id with it.
 */
export function rewriteResponsesBody(given: Body, target: RewriteTarget): Body {
  const adapted = isChosen(given, target) ? given : adaptResponsesBody(given, target.model)
  const body = target.note === undefined ? adapted : { ...adapted, input: withNote(adapted['input'], target.note) }
  const { input } = body
  if (!Array.isArray(input)) return body
  // Calls of a stored response are not here, and keep the ids that they have there.
  const isWhole = body['previous_response_id'] === undefined || body['previous_response_id'] === null
  const toId = isWhole ? mapIds(input.flatMap(idsOf), idRuleOf(target.model)) : (id: string) => id
  const rewritten: unknown[] = []
  let follows = false
  for (const item of input) {
    if (!isRecord(item)) {
      rewritten.push(item)
      continue
    }
    if (item['type'] === 'reasoning') {
      const fate = target.reasoning(item)
      follows = fate === 'drop'
      if (fate !== 'drop') rewritten.push(fate === 'keep' ? item : fate.original)
      continue
    }
    follows &&= isOutput(item)
    rewritten.push(withoutOwnChecks(withId(follows ? withoutId(item) : item, toId)))
  }
  const isSame = rewritten.length === input.length && rewritten.every((item, index) => item === input[index])
  return isSame ? body : { ...body, input: rewritten }
}

/** What Signalbox tells the model is the developer's word, behind all that was said. */
function withNote(input: unknown, note: string): unknown {
  if (!Array.isArray(input)) return `${String(input ?? '')}\n\n${note}`
  return [...input, { type: 'message', role: 'developer', content: [{ type: 'input_text', text: note }] }]
}

function idsOf(item: unknown): string[] {
  return isRecord(item) && typeof item['call_id'] === 'string' ? [item['call_id']] : []
}

function withId(item: Body, toId: (id: string) => string): Body {
  const { call_id: id } = item
  return typeof id !== 'string' || toId(id) === id ? item : { ...item, call_id: toId(id) }
}

/** What a model says and does, as against what it is told. */
function isOutput({ type, role }: Body): boolean {
  return role === 'assistant' || (typeof type === 'string' && type.endsWith('_call'))
}

function withoutId(item: Body): Body {
  if (item['id'] === undefined) return item
  const { id: _, ...rest } = item
  return rest
}

/** What Signalbox had to have confirmed, the vendor never asked. */
function withoutOwnChecks(item: Body): Body {
  const changes = Object.fromEntries(
    ['pending_safety_checks', 'acknowledged_safety_checks'].flatMap((field) => {
      const checks = item[field]
      return Array.isArray(checks) && checks.some(isOwnCheck) ? [[field, checks.filter((check) => !isOwnCheck(check))]] : []
    }),
  )
  return Object.keys(changes).length === 0 ? item : { ...item, ...changes }
}
