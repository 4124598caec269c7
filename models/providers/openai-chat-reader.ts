import { randomUUID } from 'node:crypto'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { Part, ReasoningPart, ToolCallPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent, ModelFinish } from '../provider.ts'
import type { StreamReader } from './answer.ts'
import { isRecord } from './failure.ts'
import type { RawReasoning, RawThought } from './openai-chat-body.ts'
import { addDetails, textOfDetails } from './openai-chat-details.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'

type Delta = ChatCompletionChunk.Choice.Delta & {
  reasoning_content?: string | null
  reasoning?: string | null
  reasoning_details?: unknown
}
type CallDelta = ChatCompletionChunk.Choice.Delta.ToolCall & { custom?: { name?: string; input?: string }; extra_content?: unknown }

interface WireCall extends OpenCall {
  index: number
  /** As the server wrote it. */
  wireId: string | undefined
  extra?: unknown
  /** Of a tool that takes a text. */
  takesText: boolean
}

const textStart = '{"input":"'

/** What a whole answer says, as a stream would have said it. */
export function readAnswer(body: Record<string, unknown>, deployment: string): ModelEvent[] {
  const answer = body as unknown as ChatCompletion
  const [choice] = answer.choices
  if (choice?.message === undefined) throw new TypeError('an answer without a message')
  const reader = createReader(deployment)
  const { message, finish_reason: reason } = choice
  const events = reader.read({ ...answer, choices: [{ ...choice, delta: message, finish_reason: reason ?? 'stop' }] })
  const finish = reader.end?.()
  return finish === undefined ? events : [...events, finish]
}

export function createReader(deployment: string): StreamReader {
  const calls: WireCall[] = []
  const argumentLogprobs: number[] = []
  let text = ''
  const thoughts: ReasoningPart[] = []
  let thinking: { field: 'reasoning_content' | 'reasoning'; text: string } | undefined
  let details: Record<string, unknown>[] = []
  let refused = false
  let ended: string | undefined
  let usage: Usage = noUsage
  let servedModel: string | undefined

  const onReasoning = (field: 'reasoning_content' | 'reasoning', delta: string): ModelEvent[] => {
    thinking = { field, text: (thinking?.text ?? '') + delta }
    return [{ type: 'reasoning-delta', text: delta }]
  }

  const onThought = (raw: RawReasoning, shown: string): ModelEvent => {
    const part: ReasoningPart = { type: 'reasoning', text: shown, mintedBy: deployment, raw }
    thoughts.push(part)
    return { type: 'reasoning', part }
  }

  /** Reasoning is whole when something else begins. */
  const endThinking = (): ModelEvent[] => {
    if (thinking === undefined && details.length === 0) return []
    const text = thinking?.text ?? ''
    const whole: RawThought =
      details.length > 0 ? { field: 'reasoning_details', value: details, text } : { field: 'reasoning', ...thinking, text }
    thinking = undefined
    details = []
    return [onThought(whole, text)]
  }

  const onCall = (delta: CallDelta): ModelEvent => {
    const index = delta.index ?? calls.length
    let call = calls.findLast((one) => one.index === index)
    // Some servers give every call the same index; another id is another call.
    const told = delta.custom ?? delta.function
    if (call === undefined || (delta.id && delta.id !== call.wireId && told?.name)) {
      // Others count their calls anew, or give no id at all: a result must find its call.
      const isNew = delta.id && calls.every(({ id }) => id !== delta.id)
      const id = isNew ? (delta.id ?? '') : `call_${randomUUID().replaceAll('-', '')}`
      call = { index, wireId: delta.id, id, name: '', text: '', takesText: delta.custom !== undefined }
      calls.push(call)
    }
    if (call.name === '') call.name = told?.name ?? ''
    const piece = delta.custom?.input ?? delta.function?.arguments ?? ''
    // A text is told as the argument that it is in our vocabulary.
    const inputText = call.takesText ? `${call.text === '' && piece !== '' ? textStart : ''}${JSON.stringify(piece).slice(1, -1)}` : piece
    call.text += piece
    if (delta.extra_content !== undefined) call.extra = delta.extra_content
    return { type: 'tool-call-delta', id: call.id, name: call.name, inputText }
  }

  /** Calls are whole when the answer is: nothing else in the format says so. */
  const complete = (): ToolCallPart[] =>
    calls.flatMap((call) => {
      const input = call.takesText ? { input: call.text } : parseArguments(call.text)
      if (input !== undefined) return [{ type: 'tool-call' as const, id: call.id, name: call.name, input }]
      if (ended === 'length') return []
      throw brokenCall(deployment, call)
    })

  return {
    read(data) {
      const chunk = data as unknown as ChatCompletionChunk
      const events: ModelEvent[] = []
      if (chunk.model) servedModel = chunk.model
      if (chunk.usage) usage = toUsage(chunk.usage)
      const choice = chunk.choices?.[0]
      if (choice === undefined) return events
      const delta: Delta = choice.delta ?? {}
      const news = addDetails(details, delta.reasoning_details)
      const shown = delta.reasoning ?? textOfDetails(news)
      if (delta.reasoning_content) events.push(...onReasoning('reasoning_content', delta.reasoning_content))
      else if (shown !== '') events.push(...onReasoning('reasoning', shown))
      const answered = contentText(delta.content)
      const said = answered || delta.refusal
      if (said) {
        const isRefusal = answered === ''
        refused ||= isRefusal
        text += said
        events.push(...endThinking(), { type: 'text-delta', text: said, ...(isRefusal && { refusal: true }) })
      }
      if (delta.tool_calls?.length || choice.finish_reason) events.push(...endThinking())
      for (const call of delta.tool_calls ?? []) events.push(onCall(call))
      if (delta.tool_calls?.some((call) => call.function?.arguments))
        argumentLogprobs.push(...(choice.logprobs?.content ?? []).map(({ logprob }) => logprob))
      if (choice.finish_reason) {
        ended = choice.finish_reason
        for (const { id, extra } of calls) if (extra !== undefined) events.push(onThought({ callId: id, extra }, ''))
        for (const { id, name, text, takesText } of calls) {
          if (takesText) events.push({ type: 'tool-call-delta', id, name, inputText: text === '' ? `${textStart}"}` : '"}' })
        }
        events.push(...complete().map((call): ModelEvent => ({ type: 'tool-call', call })))
      }
      return events
    },

    /** Usage follows the finish reason, so the answer ends with the stream. Without a finish reason it was cut. */
    end(): ModelFinish | undefined {
      if (ended === undefined) return undefined
      const made = complete()
      const content: Part[] = [...thoughts]
      if (text !== '') content.push({ type: 'text', text })
      content.push(...made)
      return {
        type: 'finish',
        finishReason: finishReasonOf(ended, { refused, called: made.length > 0 }),
        rawFinishReason: ended,
        usage,
        servedModel,
        message: { role: 'assistant', content },
        ...(argumentLogprobs.length > 0 && { argumentLogprobs }),
      }
    },
  }
}

/** Mistral's models that reason send parts, of which the texts are the answer. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : '')).join('')
}

function finishReasonOf(raw: string, { refused, called }: { refused: boolean; called: boolean }): FinishReason {
  if (raw === 'length') return 'length'
  if (raw === 'content_filter') return 'content-filter'
  if (called) return 'tool-calls'
  if (raw === 'stop') return refused ? 'refusal' : 'stop'
  return 'other'
}

/** `prompt_tokens` is the total: what was read from and written to the cache is a part of it. */
function toUsage(usage: NonNullable<ChatCompletionChunk['usage']>): Usage {
  const cacheReadTokens = usage.prompt_tokens_details?.cached_tokens ?? 0
  const cacheWriteTokens = usage.prompt_tokens_details?.cache_write_tokens ?? 0
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0
  return {
    inputTokens: Math.max(0, usage.prompt_tokens - cacheReadTokens - cacheWriteTokens),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: usage.completion_tokens ?? 0,
    ...(reasoningTokens > 0 && { reasoningTokens }),
  }
}
