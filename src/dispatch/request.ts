import { computerTool } from '../../models/computer/calls.ts'
import type { Size } from '../../models/computer/space.ts'
import type { Deployment } from '../../models/deployment.ts'
import { type Images, imageRule } from '../../models/images.ts'
import { type ImagePart, type Message, type Part, textOf } from '../../models/message.ts'
import type { ModelRequest, RelayRequest, SourceText } from '../../models/provider.ts'
import { asSpoken } from '../../models/speaker.ts'
import type { TokenEstimator } from '../../models/tokens.ts'
import type { Step } from '../../policies/index.ts'
import { outgoingTrace } from '../telemetry/active.ts'
import { historyOn, newestImage } from './computer-calls.ts'
import { fromUser, quoteRecalled, type StepContext } from './context.ts'
import { extractivePool } from './line.ts'
import type { StepRequest } from './step-request.ts'

export interface Withheld {
  /** Where a provider refused what was given back to it. */
  readonly withoutReasoning: boolean
}

export interface RequestBuilder {
  /** The request as this deployment can take it: images at its exact size, memory cut to its window. */
  request(deployment: Deployment, options: Withheld): Promise<ModelRequest>
  /** The request as it came, for a deployment that speaks its format; `undefined` where it did not come so, or something is to be added to it. */
  relay(deployment: Deployment, format: string, options: Withheld): RelayRequest | undefined
  /** What was changed on the way, for the caller. */
  warnings(): string[]
}

/** The share of a window that is used at most: models read the rest badly, and the estimate may be off. */
const windowShare = 0.9

/** Puts a step's messages, its context and its tools together, once for each deployment that is tried. */
export function createRequestBuilder(
  { images, tokens }: { images: Images; tokens: TokenEstimator },
  request: StepRequest,
  context: StepContext,
  step: Step,
  signal: AbortSignal,
): RequestBuilder {
  const warnings = new Set<string>()
  const sources = sourcesOf(request, context)
  /** How large a picture was before it was made to fit. */
  const taken = new WeakMap<ImagePart, Size>()

  return {
    async request(deployment, { withoutReasoning }) {
      const maxOutputTokens = Math.min(step.maxOutputTokens, deployment.maxOutputTokens)
      const room = Math.floor(deployment.contextTokens * windowShare) - step.requiredTokens - maxOutputTokens
      const kept = fitContext(context, room, tokens)
      if (kept.turns.length < context.turns.length || kept.recalled.length < context.recalled.length) {
        warnings.add(`only the newest ${kept.turns.length} of ${context.turns.length} earlier turns fit ${deployment.id}`)
      }
      const recalled = quoteRecalled(kept.recalled)
      const system = [request.system ?? '', recalled].filter((text) => text !== '').join('\n\n')
      const given = request.passage?.attribute(request.messages, deployment) ?? request.messages
      const own = deployment.provider === extractivePool ? given : withNote(given, request.note)
      const messages = [...kept.turns.map((turn) => asTaken(asSpoken(turn), deployment)), ...own.map(asSpoken)]
      const fitted = await Promise.all(messages.map((message) => forDeployment(message, deployment, withoutReasoning)))
      const computer = forComputer(fitted, request.tools)
      return {
        model: deployment.model,
        system: system === '' ? undefined : system,
        ...computer,
        temperature: request.temperature,
        toolChoice: request.toolChoice,
        logprobs: request.logprobs,
        headers: withTrace(request.headers),
        ...request.parameters,
        ...(withoutReasoning && { reasoning: notShown(request.parameters?.reasoning) }),
        maxOutputTokens: request.passage === undefined ? maxOutputTokens : clientsLimit(request, deployment),
        responseSchema: request.responseSchema,
        cacheKey: cacheKeyOf(request),
        sources,
      }
    },
    relay(deployment, format, { withoutReasoning }) {
      const { passage, tools } = request
      if (passage?.format !== format || context.turns.length > 0 || context.recalled.length > 0) return undefined
      return passage.relay(deployment, {
        maxOutputTokens: request.maxOutputTokens === undefined ? undefined : clientsLimit(request, deployment),
        temperature: request.temperature,
        tools: tools && new Set(tools.map(({ name }) => name)),
        withoutReasoning,
        note: request.note,
        headers: withTrace(request.headers),
      })
    },
    warnings: () => [...warnings],
  }

  /** Actions on a screen are in pixels of the picture that the model sees. */
  function forComputer(messages: readonly Message[], tools: StepRequest['tools']): Pick<ModelRequest, 'messages' | 'tools' | 'screenshot'> {
    const tool = tools?.find(({ computer }) => computer !== undefined)
    const newest = tool === undefined ? undefined : newestImage(messages)
    const { width, height } = newest ?? {}
    const source = newest === undefined ? undefined : taken.get(newest)
    if (tool?.computer === undefined || source === undefined || width === undefined || height === undefined) return { messages, tools }
    const sent = { width, height }
    const own = { ...tool, ...computerTool({ ...tool.computer, display: sent }) }
    return {
      messages: historyOn(messages, source, sent),
      tools: tools?.map((one) => (one === tool ? own : one)),
      screenshot: { source, sent },
    }
  }

  async function forDeployment(message: Message, deployment: Deployment, withoutReasoning: boolean): Promise<Message> {
    const content = message.content.filter((part) => part.type !== 'reasoning' || (!withoutReasoning && part.mintedBy === deployment.id))
    return { role: message.role, content: await Promise.all(content.map((part) => fitPart(part, deployment))) }
  }

  async function fitPart(part: Part, deployment: Deployment): Promise<Part> {
    if (part.type === 'image') return fitImage(part, deployment)
    if (part.type !== 'tool-result') return part
    const content = await Promise.all(part.content.map((inner) => (inner.type === 'image' ? fitImage(inner, deployment) : inner)))
    return { ...part, content }
  }

  async function fitImage(part: ImagePart, deployment: Deployment): Promise<ImagePart> {
    const fitted = await images.fit(Buffer.from(part.data, 'base64'), { rule: imageRule(deployment.imageRule) }, { signal })
    const size = { width: fitted.width, height: fitted.height }
    const sent: ImagePart = fitted.changed
      ? { type: 'image', mediaType: fitted.mediaType, data: Buffer.from(fitted.bytes).toString('base64'), ...size }
      : { ...part, ...size }
    taken.set(sent, fitted.source)
    return sent
  }
}

/** Behind the newest words of the user, or beside the results there: what stands before stays as it was. */
function withNote(messages: readonly Message[], note: string | undefined): readonly Message[] {
  const last = messages.findLastIndex(({ role }) => role === 'user')
  if (note === undefined) return messages
  return messages.map((message, index) =>
    index === last ? { ...message, content: [...message.content, { type: 'text', text: note }] } : message,
  )
}

/** Whoever answers learns which trace its call belongs to. */
function withTrace(headers: StepRequest['headers']): StepRequest['headers'] {
  const trace = outgoingTrace()
  return trace === undefined ? headers : { ...headers, ...trace }
}

function notShown(reasoning: ModelRequest['reasoning']): ModelRequest['reasoning'] {
  return reasoning && { ...reasoning, shown: undefined }
}

/** Answers to requests that name no limit end where the model ends them, within reason. */
const longestWholeAnswer = 32_000

/** What a client over HTTP asked for, as far as the model is known to give it; a model that nobody knows has its own limit. */
function clientsLimit({ maxOutputTokens: asked }: StepRequest, { maxOutputTokens, limitsAreGuessed }: Deployment): number | undefined {
  if (limitsAreGuessed === true) return asked
  return Math.min(asked ?? longestWholeAnswer, maxOutputTokens)
}

/** Under which name a provider finds the beginning of the prompt again. */
export function cacheKeyOf({ thread, parameters, conversation }: StepRequest): string | undefined {
  return thread ?? parameters?.cacheKey ?? conversation
}

/** An earlier turn for a deployment that does not take all that it holds: it reads that an image or a file was there. */
function asTaken({ role, content }: Message, { modalities, local }: Deployment): Message {
  const isTaken = (part: Part) => {
    if (part.type === 'image-url') return modalities.includes('image') && !local
    return (part.type !== 'image' && part.type !== 'file') || modalities.includes(part.type)
  }
  return {
    role,
    content: content.map((part) => (isTaken(part) ? part : { type: 'text', text: `[${part.type === 'file' ? 'a file' : 'an image'}]` })),
  }
}

/** The newest turns and the best items that fit together; turns go first, since the conversation needs them most. */
function fitContext(context: StepContext, roomTokens: number, tokens: TokenEstimator): Pick<StepContext, 'turns' | 'recalled'> {
  if (context.tokens <= roomTokens) return context
  const turns: Message[] = []
  let left = roomTokens
  for (const turn of context.turns.toReversed()) {
    left -= tokens.estimateMessages([turn])
    if (left < 0) return { turns: fromUser(turns), recalled: [] }
    turns.unshift(turn)
  }
  const recalled = context.recalled.filter((item) => {
    left -= tokens.estimateText(item.text)
    return left >= 0
  })
  return { turns, recalled }
}

/** Every text that an answer may be taken from word for word, each under a name that a reader can look up. */
export function sourcesOf(
  request: Pick<StepRequest, 'sources' | 'messages'>,
  context: Pick<StepContext, 'recalled' | 'turnSources'>,
): SourceText[] {
  const recalled = context.recalled.map((item) => ({ id: item.source, text: item.text }))
  const sources: SourceText[] = [...(request.sources ?? []), ...context.turnSources.flat(), ...recalled]
  for (const part of request.messages.flatMap((message) => message.content)) {
    if (part.type === 'tool-result') sources.push({ id: `result of ${part.name}`, text: textOf(part.content) })
  }
  return sources.filter((source) => source.text.trim() !== '')
}
