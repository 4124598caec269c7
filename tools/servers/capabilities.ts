import { asObject } from '../definitions.ts'
import type { CallOptions, InputRequest } from '../tool.ts'

export type Capabilities = Record<string, unknown>

/**
 * What Signalbox can pass on to a caller. An older server is told this while its catalogue is learnt, because some list a
 * tool only to clients that can answer it. No call goes over such a connection unless its caller declared the same.
 */
export const relayable: Capabilities = { elicitation: { form: {}, url: {} }, roots: {}, sampling: {} }

const asked = ['elicitation', 'roots', 'sampling'] as const
const tasksExtension = 'io.modelcontextprotocol/tasks'

/** What this caller declared, less tasks, which nobody here can take, and less what needs an answer when it gives none. */
export function mirrored({ clientCapabilities = {}, onInput }: Pick<CallOptions, 'clientCapabilities' | 'onInput'>): Capabilities {
  const { tasks: _tasks, extensions, roots, ...rest } = clientCapabilities
  const { [tasksExtension]: _extension, ...otherExtensions } = asObject(extensions) ?? {}
  const told: Capabilities = {
    ...rest,
    // Changes of the roots are not passed on.
    ...(roots === undefined ? {} : { roots: {} }),
    ...(Object.keys(otherExtensions).length === 0 ? {} : { extensions: otherExtensions }),
  }
  if (!onInput) for (const key of asked) delete told[key]
  return told
}

/** Whether a caller that declared these may be asked this. */
export function mayBeAsked(capabilities: Capabilities, { method, params }: InputRequest): boolean {
  if (method === 'roots/list') return capabilities['roots'] !== undefined
  if (method === 'sampling/createMessage') return capabilities['sampling'] !== undefined
  const elicitation = asObject(capabilities['elicitation'])
  if (!elicitation) return false
  return params['mode'] === 'url' ? elicitation['url'] !== undefined : elicitation['form'] !== undefined || elicitation['url'] === undefined
}
