import { type CompleteResult, ProtocolError, ProtocolErrorCode, type ServerContext } from '@modelcontextprotocol/server'
import type { Viewer } from '../caller.ts'
import type { Signalbox } from '../signalbox.ts'
import { openRequest } from './caller.ts'
import type { Connection } from './connection.ts'
import { directLists } from './direct.ts'
import { findOwnPrompt } from './prompt-texts.ts'
import { mayReach, ownScheme } from './resources.ts'

type Reference = { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string }

/** The protocol's own limit on one answer. */
const maxValues = 100

export async function complete(
  connection: Connection,
  {
    ref,
    argument,
    context: given,
  }: {
    ref: Reference
    argument: { name: string; value: string }
    context?: { arguments?: Record<string, string> | undefined } | undefined
  },
  ctx: ServerContext,
): Promise<CompleteResult> {
  const box = await connection.options.signalbox
  const { context, end } = openRequest(connection, ctx)
  try {
    const subject = ownSubject(ref, argument.name)
    if (subject !== undefined) {
      const values = subject === 'nothing' ? [] : await box.complete({ operation: subject, value: argument.value }, context.caller)
      return { completion: { values: values.slice(0, maxValues), total: values.length, hasMore: values.length > maxValues } }
    }
    if (!isHosted(context.caller, box, ref)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown reference: ${nameOf(ref)}`)
    const { caller, signal } = context
    const options = { principal: caller.principal, signal, clientCapabilities: { ...caller.capabilities } }
    return (await box.host.complete(ref, argument, given?.arguments, options)) as CompleteResult
  } finally {
    await end()
  }
}

/** What the argument of one of our own prompts or templates names; `undefined` for a reference that is not ours. */
function ownSubject(ref: Reference, argument: string): 'pool' | 'thread' | 'tool' | 'nothing' | undefined {
  if (ref.type === 'ref/resource') {
    if (!ref.uri.startsWith(ownScheme)) return undefined
    return ref.uri.startsWith(`${ownScheme}thread/`) ? 'thread' : 'nothing'
  }
  if (findOwnPrompt(ref.name) === undefined) return undefined
  return argument === 'pool' || argument === 'thread' || argument === 'tool' ? argument : 'nothing'
}

function isHosted(viewer: Viewer, box: Signalbox, ref: Reference): boolean {
  const { prompts, templates } = directLists(box, viewer)
  if (ref.type === 'ref/prompt') return prompts.some((prompt) => prompt.name === ref.name)
  return templates.some((template) => template.uriTemplate === ref.uri) || mayReach(box, viewer, ref.uri)
}

function nameOf(ref: Reference): string {
  return ref.type === 'ref/prompt' ? ref.name : ref.uri
}
