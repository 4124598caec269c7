import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server'
import type { z } from 'zod'
import { metadataKey } from '../../policies/metadata.ts'
import type { CallContext, Viewer } from '../caller.ts'
import { speakableMessage } from '../errors.ts'
import type { DoneResult, Operation } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import { callerOf, metadataOf, openRequest } from './caller.ts'
import type { Connection } from './connection.ts'
import { directLists } from './direct.ts'
import { isDone, runOrResume } from './input-required.ts'
import { type LongRunning, relayedTool } from './relay.ts'
import { jsonSchemaOf, slim } from './schemas.ts'
import { answersWithTask, startTask } from './tasks.ts'

/** Our own in their fixed order, then the direct servers' by name. */
export function listTools(box: Signalbox, viewer: Viewer): Tool[] {
  const own = box.operations(viewer).map(definitionOf)
  const direct = directLists(box, viewer).tools.map((tool) => ({ ...tool.definition, name: tool.name }) as Tool)
  return [...own, ...direct]
}

function definitionOf(operation: Operation): Tool {
  const { name, title, description, annotations, meta } = operation
  const outputSchema = outputSchemaOf(operation)
  return {
    name,
    title,
    description,
    inputSchema: (slim(operation.shown?.input) ?? jsonSchemaOf(operation.input, 'input')) as Tool['inputSchema'],
    ...(outputSchema !== undefined && { outputSchema: outputSchema as NonNullable<Tool['outputSchema']> }),
    annotations,
    ...(meta !== undefined && { _meta: { ...meta } }),
  }
}

function outputSchemaOf({ output, shown }: Operation): Record<string, unknown> | undefined {
  return output && (shown?.output ?? jsonSchemaOf(output, 'output'))
}

interface FoundTool {
  readonly relayed: boolean
  readonly operation: Operation
  readonly outputSchema: Record<string, unknown> | undefined
  parse(args: Record<string, unknown>): { input: unknown } | { issues: string }
  run(input: unknown, context: CallContext): ReturnType<Operation['run']>
}

/** @throws {ProtocolError} When there is no such tool: the model cannot mend that, its client must. */
export async function callTool(
  connection: Connection,
  params: { name: string; arguments?: Record<string, unknown> | undefined },
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const box = await connection.options.signalbox
  const found = findTool(callerOf(connection, ctx), box, params.name)
  if (found === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`)
  const parsed = found.parse(params.arguments ?? {})
  if ('issues' in parsed) return errorResult(`${params.name} was not called: ${parsed.issues}`)
  const said = metadataOf(ctx)
  if (said.error) return errorResult(`${params.name} was not called: _meta.${metadataKey}: ${describeIssues(said.error)}`)

  const { context: own, end } = openRequest(connection, ctx)
  const project = own.caller.project ?? (await connection.root)
  const context = project === undefined ? own : { ...own, caller: { ...own.caller, project } }
  const run = () => found.run(parsed.input, context)
  try {
    const isNew = ctx.mcpReq.requestState() === undefined
    if (isNew && found.operation.long !== undefined && answersWithTask(connection, context.caller)) {
      return await startTask(box, found.operation as LongRunning, parsed.input, context, (result) => toResult(connection, found, result))
    }
    const result = await runOrResume(connection, ctx, { box, target: params.name, context, run, relayed: found.relayed })
    return isDone(result) ? toResult(connection, found, result) : result
  } catch (error) {
    const message = context.signal.aborted ? undefined : speakableMessage(error)
    if (message === undefined) throw error
    return errorResult(message)
  } finally {
    await end()
  }
}

function findTool(viewer: Viewer, box: Signalbox, name: string): FoundTool | undefined {
  const operation = box.operations(viewer).find((one) => one.name === name)
  if (operation !== undefined) {
    return {
      relayed: false,
      operation,
      outputSchema: outputSchemaOf(operation),
      parse: (args) => parseInput(operation, args),
      run: (input, context) => operation.run(input as never, context),
    }
  }
  const tool = directLists(box, viewer).tools.find((one) => one.name === name)
  if (tool === undefined) return undefined
  const relay = relayedTool(box, tool)
  return {
    relayed: true,
    operation: relay,
    outputSchema: tool.outputSchema,
    parse: (args) => ({ input: args }),
    run: (input, context) => box.runs.execute(relay, input, context, { handleAfterMs: box.direct.handleAfterMs(context.caller) }),
  }
}

function parseInput(operation: Operation, args: Record<string, unknown>): { input: unknown } | { issues: string } {
  const parsed = operation.input.safeParse(args)
  return parsed.success ? { input: parsed.data } : { issues: describeIssues(parsed.error) }
}

/** One clause for each field, each with its path. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ')
}

function toResult({ server }: Connection, { outputSchema }: FoundTool, result: DoneResult): CallToolResult {
  const { content, structured, isError, meta } = result
  const plain = {
    content: [...content],
    ...(structured !== undefined && { structuredContent: structured }),
    ...(isError === true && { isError }),
    ...(meta !== undefined && { _meta: { ...meta } }),
  } as CallToolResult
  return server.projectCallToolResult(plain, outputSchema)
}

function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}
