import type { Message, ToolCallPart, ToolDefinition, ToolResultPart } from '../../models/message.ts'
import { textOf } from '../../models/message.ts'
import { cleanDescription } from '../../tools/describe.ts'
import { type HostedTool, ToolError } from '../../tools/tool.ts'
import type { LoopOptions } from '../dispatch/tool-loop.ts'
import type { RunScope } from '../runs/run.ts'
import { callHosted, effectOf, isAllowed, lookUp } from './hosted-call.ts'
import type { Services } from './services.ts'
import { toParts } from './tool-content.ts'

const offeredTools = 8
const finder: ToolDefinition = {
  name: 'find_tools',
  description: 'Finds more tools by what they should do. What it finds can be called in the next step.',
  inputSchema: { type: 'object', properties: { need: { type: 'string', description: 'what is to be done' } }, required: ['need'] },
}

/** The tools that a model is given in a loop: those that fit the request, and a way to find more. */
export async function loopTools(
  services: Services,
  scope: RunScope,
  messages: readonly Message[],
): Promise<Pick<LoopOptions, 'tools' | 'callTool' | 'isParallel'>> {
  return {
    tools: await firstTools(services, scope, messages),

    isParallel(call) {
      const tool = services.host.find(call.name)
      return call.name === finder.name || (tool !== undefined && effectOf(tool) === 'read')
    },

    async callTool(call, decision) {
      if (call.name === finder.name) {
        const found = await toolsFor(services, scope, String(call.input['need'] ?? ''))
        const names = found.map((tool) => `${tool.name}: ${tool.description.split('\n')[0] ?? ''}`)
        return { result: resultOf(call, [{ type: 'text', text: names.join('\n') || 'No tool fits' }], false), more: found }
      }
      try {
        const tool = lookUp(services, call.name, scope.caller)
        const raw = await callHosted(services, tool, call.input, { scope, door: 'loop', decision })
        return { result: resultOf(call, toParts(raw), raw['isError'] === true) }
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        return { result: resultOf(call, [{ type: 'text', text: error.message }], true) }
      }
    },
  }
}

/** What a loop offers from its first step: the tools that fit the request, and the way to find more. */
export async function firstTools(services: Services, asking: Asking, messages: readonly Message[]): Promise<ToolDefinition[]> {
  const need = textOf(messages.findLast((message) => message.role === 'user')?.content ?? [])
  return [finder, ...(await toolsFor(services, asking, need.slice(-2000)))]
}

type Asking = Pick<RunScope, 'caller' | 'signal'>

async function toolsFor(services: Services, { caller, signal }: Asking, need: string): Promise<ToolDefinition[]> {
  if (need.trim() === '') return []
  const allowed = (tool: HostedTool) => isAllowed(tool, caller, services.config())
  const { hits } = await services.search.find({ need, allowed, limit: offeredTools, signal })
  return hits.map(({ tool }) => definitionOf(tool))
}

function definitionOf(tool: HostedTool): ToolDefinition {
  return { name: tool.name, description: cleanDescription(tool.description), inputSchema: tool.inputSchema }
}

function resultOf({ id, name }: ToolCallPart, content: ToolResultPart['content'], isError: boolean): ToolResultPart {
  return { type: 'tool-result', id, name, content, isError }
}
