import type { Message, ToolCallPart, ToolDefinition, ToolResultPart } from '../../models/message.ts'
import { textOf } from '../../models/message.ts'
import { askedWords } from '../../policies/index.ts'
import { cleanDescription } from '../../tools/describe.ts'
import type { ToolFindings } from '../../tools/search.ts'
import { type HostedTool, ToolError } from '../../tools/tool.ts'
import type { LoopOptions } from '../dispatch/tool-loop.ts'
import type { RunScope } from '../runs/run.ts'
import { callHosted, lookUp } from './hosted-call.ts'
import type { TaintKeeper } from './keep-taint.ts'
import { effectOf, isAllowed } from './permission.ts'
import { warningText } from './result.ts'
import type { Services } from './services.ts'
import { isTainted } from './taint.ts'
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
  thread: string | undefined,
  keeper: TaintKeeper,
): Promise<Pick<LoopOptions, 'tools' | 'callTool' | 'isParallel'>> {
  const before = beforeNeed(messages)
  const used = new Set(before.used)
  const asked = askedWords(messages)
  let tainted = thread !== undefined && (await isTainted(services.threads, scope.caller.principal, thread))
  const asking = () => ({ ...scope, thread, tainted })
  return {
    tools: [...(await offer(services, asking(), needOf(messages), before)), finder],

    isParallel(call) {
      const tool = services.host.find(call.name)
      return call.name === finder.name || (tool !== undefined && effectOf(tool) === 'read')
    },

    async callTool(call, decision, context, restore) {
      if (call.name === finder.name) {
        const found = await offer(services, asking(), String(call.input['need'] ?? ''), { context: needOf(messages), used: [...used] })
        const names = found.map((tool) => `${tool.name}: ${tool.description.split('\n')[0] ?? ''}`)
        return { result: resultOf(call, [{ type: 'text', text: names.join('\n') || 'No tool fits' }], false), more: found }
      }
      try {
        await keeper.add(context.taint)
        const tool = lookUp(services, call.name, scope.caller, 'loop')
        // What the policy judges, and a person is shown, is the call as it would be run.
        const input = restore?.(call.input) ?? call.input
        const { raw, warnings } = await callHosted(services, tool, input, {
          scope,
          door: 'loop',
          decision,
          thread,
          tainted,
          asked,
          keeper,
        })
        used.delete(tool.name)
        used.add(tool.name)
        // From here on the model has read what the tool said.
        tainted = true
        const content = [...toParts(raw), ...warnings.map((warning) => ({ type: 'text' as const, text: warningText(warning) }))]
        const ran = restore === undefined ? {} : { ran: { ...call, input } }
        return { result: resultOf(call, content, raw['isError'] === true), ...ran }
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        return { result: resultOf(call, [{ type: 'text', text: error.message }], true) }
      }
    },
  }
}

/** What a loop would offer from its first step: the tools that fit the request, the fittest first, and the way to find more. */
export async function firstTools(services: Services, asking: Asking, messages: readonly Message[]): Promise<ToolDefinition[]> {
  const found = await search(services, asking, needOf(messages), beforeNeed(messages))
  return [...(found?.hits ?? []).map(({ tool }) => definitionOf(tool)), finder]
}

function needOf(messages: readonly Message[]): string {
  return textOf(messages.findLast((message) => message.role === 'user')?.content ?? []).slice(-2000)
}

/** What stands around a need: recent words, and the tools that were called, the newest last. */
interface Before {
  readonly context: string | undefined
  readonly used: readonly string[]
}

const contextMessages = 4

function beforeNeed(messages: readonly Message[]): Before {
  const earlier = messages.slice(
    0,
    messages.findLastIndex((message) => message.role === 'user'),
  )
  const words = earlier.slice(-contextMessages).map((message) => textOf(message.content).slice(0, 400))
  const calls = messages.flatMap(({ content }) => content.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])))
  return { context: words.join('\n').trim() || undefined, used: [...new Set(calls.toReversed())].toReversed() }
}

type Asking = Pick<RunScope, 'caller' | 'signal'>

/** The tools that fit, noted as shown. */
async function offer(services: Services, asking: Asking & { thread: string | undefined; tainted: boolean }, need: string, before: Before) {
  const found = await search(services, asking, need, before)
  if (found === undefined) return []
  const { thread, tainted } = asking
  const tools = found.hits.map(({ tool }) => ({ name: tool.name, propensity: 1 }))
  services.outcomes.shown({ principal: asking.caller.principal, thread, need: found.asked, tools, tainted })
  return found.hits.map(({ tool }) => definitionOf(tool))
}

async function search(
  services: Services,
  { caller, signal }: Asking,
  need: string,
  { context, used }: Before,
): Promise<ToolFindings | undefined> {
  if (need.trim() === '') return undefined
  const allowed = (tool: HostedTool) => isAllowed(services, tool, caller, 'loop')
  const learned = services.learning.ranking(caller.principal)
  return services.search.find({ need, context, used, allowed, learned, limit: offeredTools, signal })
}

function definitionOf(tool: HostedTool): ToolDefinition {
  return { name: tool.name, description: cleanDescription(tool.description), inputSchema: tool.inputSchema }
}

function resultOf({ id, name }: ToolCallPart, content: ToolResultPart['content'], isError: boolean): ToolResultPart {
  return { type: 'tool-result', id, name, content, isError }
}
