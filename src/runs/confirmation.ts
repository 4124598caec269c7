import type { InputRequest } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import type { Approval } from './approvals.ts'

/** Whether the caller's client shows its user a form that a server asks for (MCP elicitation). One that names no mode does. */
export function canElicit(caller: Caller, mode: 'form' | 'url' = 'form'): boolean {
  const elicitation = caller.capabilities['elicitation']
  if (typeof elicitation !== 'object' || elicitation === null) return false
  return mode in elicitation || (mode === 'form' && !('url' in elicitation))
}

/** Whether the caller's client declared what these requests need. */
export function canAnswer(caller: Caller, requests: Readonly<Record<string, InputRequest>>): boolean {
  return Object.values(requests).every(({ method, params }) => {
    if (method === 'elicitation/create') return canElicit(caller, params['mode'] === 'url' ? 'url' : 'form')
    return caller.capabilities[method === 'roots/list' ? 'roots' : 'sampling'] !== undefined
  })
}

/** The form that asks for one approval: no answer, and everything but a plain yes, is a no. */
export function confirmationRequest(approval: Approval): InputRequest {
  return {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: approval.effect,
      requestedSchema: {
        type: 'object',
        properties: {
          confirm: {
            type: 'boolean',
            title: 'Run it',
            description: `Allow ${approval.tool} once, with exactly these values`,
            default: false,
          },
        },
        required: ['confirm'],
      },
    },
  }
}

/** Whether an elicitation result is a yes. */
export function saysYes(response: unknown): boolean {
  if (typeof response !== 'object' || response === null) return false
  const { action, content } = response as { action?: unknown; content?: unknown }
  return action === 'accept' && typeof content === 'object' && content !== null && (content as { confirm?: unknown }).confirm === true
}
