import { actionsIn, computerToolName, rescaled, toVendor } from '../../models/computer/calls.ts'
import type { Size } from '../../models/computer/space.ts'
import { ComputerActionError, ProviderError } from '../../models/errors.ts'
import type { ImagePart, Message, Part, ToolCallPart, ToolDefinition } from '../../models/message.ts'
import type { ModelEvent, ModelFinish, ModelRequest } from '../../models/provider.ts'

/** The newest picture of a conversation that shows the whole screen: what a zoom shows is a part of the one before. */
export function newestImage(messages: readonly Message[]): ImagePart | undefined {
  const zooms = new Set(messages.flatMap(({ content }) => content.flatMap((part) => (isZoom(part) ? [part.id] : []))))
  const images = (part: Part): ImagePart[] => {
    if (part.type === 'image') return [part]
    return part.type === 'tool-result' && !zooms.has(part.id) ? part.content.filter((inner) => inner.type === 'image') : []
  }
  for (const { content } of messages.toReversed()) {
    const newest = content.flatMap(images).at(-1)
    if (newest !== undefined) return newest
  }
  return undefined
}

function isZoom(part: Part): part is ToolCallPart {
  if (part.type !== 'tool-call' || part.computer === undefined || !Array.isArray(part.input['actions'])) return false
  return (part.input['actions'].at(-1) as { type?: unknown } | undefined)?.type === 'zoom'
}

/** What was done before, on the pictures as a model gets them. What no longer lies on them stays as it was: it is done. */
export function historyOn(messages: readonly Message[], from: Size, to: Size): readonly Message[] {
  if (from.width === to.width && from.height === to.height) return messages
  return messages.map((message) => {
    if (!message.content.some((part) => part.type === 'tool-call' && part.computer !== undefined)) return message
    return { ...message, content: message.content.map((part) => (part.type === 'tool-call' ? onPicture(part, from, to) : part)) }
  })
}

function onPicture(call: ToolCallPart, from: Size, to: Size): ToolCallPart {
  if (call.computer === undefined) return call
  try {
    return { ...call, input: { actions: actionsIn(call.input).map((action) => rescaled(action, from, to)) } }
  } catch (error) {
    if (error instanceof ComputerActionError) return call
    throw error
  }
}

/**
 * What a model answers to a client with a computer: actions in pixels of the client's own screenshot, each of which its form has
 * a word for. Arguments of calls come whole, since their pieces are in the provider's form.
 *
 * A check that the vendor wants confirmed reaches only clients whose form can say it. For others the call is not passed on, and words
 * stand in its place: nothing may run as if it had been confirmed.
 *
 * @throws {ProviderError} `bad_response`: the model named a place outside of the picture, or an action that the client cannot do.
 */
export function forComputerClient(request: ModelRequest, deployment: string): ((event: ModelEvent) => ModelEvent) | undefined {
  const tool = request.tools?.find(({ computer }) => computer !== undefined)
  if (tool?.computer === undefined) return undefined
  const isCall = (part: Part): part is ToolCallPart => part.type === 'tool-call' && part.name === computerToolName
  const taken = (call: ToolCallPart) => understood(call, tool, request, deployment)
  return (event) => {
    switch (event.type) {
      case 'tool-call-delta':
        return { type: 'text-delta', text: '' }
      case 'tool-call': {
        const part = isCall(event.call) ? taken(event.call) : event.call
        return part.type === 'text' ? { type: 'text-delta', text: part.text } : { type: 'tool-call', call: part }
      }
      case 'finish':
        return finished({
          ...event,
          message: { ...event.message, content: event.message.content.map((part) => (isCall(part) ? taken(part) : part)) },
        })
      default:
        return event
    }
  }
}

/** An answer whose calls were all taken out ends as one that calls nothing. */
export function finished(finish: ModelFinish): ModelFinish {
  const calls = finish.message.content.some((part) => part.type === 'tool-call')
  return finish.finishReason === 'tool-calls' && !calls ? { ...finish, finishReason: 'stop', rawFinishReason: undefined } : finish
}

function understood(call: ToolCallPart, { computer }: ToolDefinition, { screenshot }: ModelRequest, deployment: string) {
  const safetyChecks = call.computer?.safetyChecks ?? []
  try {
    const actions = actionsIn(call.input).map((action) => (screenshot ? rescaled(action, screenshot.sent, screenshot.source) : action))
    if (computer?.format !== undefined) {
      toVendor(actions, computer.format)
      if (safetyChecks.length > 0 && !computer.format.startsWith('openai')) {
        const asked = safetyChecks.map(({ code, message }) => `${code}: ${message}`).join('\n')
        return { type: 'text' as const, text: `The next action was not done: it has to be confirmed by a person first.\n${asked}` }
      }
    }
    return { ...call, input: { actions }, computer: { safetyChecks } }
  } catch (cause) {
    if (!(cause instanceof ComputerActionError)) throw cause
    throw new ProviderError(`${deployment} answered a computer action that cannot be passed on: ${cause.message}`, {
      kind: 'bad_response',
      deployment,
      cause,
    })
  }
}
