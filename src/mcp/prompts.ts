import {
  type GetPromptResult,
  type InputRequiredResult,
  type Prompt,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { ToolError } from '../../tools/tool.ts'
import type { Viewer } from '../caller.ts'
import { foreverMs } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import { callerOf, openRequest } from './caller.ts'
import type { Connection } from './connection.ts'
import { directLists } from './direct.ts'
import { isDone, runOrResume } from './input-required.ts'
import { findOwnPrompt, ownPrompts } from './prompt-texts.ts'
import { rawResultOf, relayedRequest } from './relay.ts'

export function listPrompts(box: Signalbox, viewer: Viewer): Prompt[] {
  const hosted = directLists(box, viewer).prompts.filter((prompt) => findOwnPrompt(prompt.name) === undefined)
  return [
    ...ownPrompts.map((prompt) => prompt.definition),
    ...hosted.map((prompt) => ({ ...prompt.definition, name: prompt.name }) as Prompt),
  ]
}

export async function getPrompt(
  connection: Connection,
  { name, arguments: args = {} }: { name: string; arguments?: Record<string, string> | undefined },
  ctx: ServerContext,
): Promise<GetPromptResult | InputRequiredResult> {
  const own = findOwnPrompt(name)
  if (own !== undefined) {
    const missing = (own.definition.arguments ?? []).filter((argument) => argument.required === true && (args[argument.name] ?? '') === '')
    if (missing.length > 0) {
      const names = missing.map((argument) => argument.name).join(', ')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Prompt ${name} needs: ${names}`)
    }
    const text = own.write(args)
    return { description: own.definition.description, messages: [{ role: 'user', content: { type: 'text', text } }] } as GetPromptResult
  }

  const box = await connection.options.signalbox
  if (!directLists(box, callerOf(connection, ctx)).prompts.some((prompt) => prompt.name === name)) throw unknownPrompt(name)
  const { context, end } = openRequest(connection, ctx)
  const relay = relayedRequest('prompts/get', (callOptions) => box.host.getPrompt(name, args, callOptions))
  try {
    const run = () => box.runs.execute(relay, {}, context, { handleAfterMs: foreverMs })
    const result = await runOrResume(connection, ctx, { box, target: name, context, run, relayed: true })
    return isDone(result) ? (rawResultOf(result) as GetPromptResult) : result
  } catch (error) {
    if (error instanceof ToolError && error.stage === 'lookup') throw unknownPrompt(name)
    throw error
  } finally {
    await end()
  }
}

function unknownPrompt(name: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`)
}
