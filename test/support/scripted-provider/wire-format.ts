import type { Answer, Failure } from './script.ts'

/** One event of a stream, before it is written. */
export interface StreamEvent {
  /** The `event:` line, for formats that have one. */
  event?: string
  data: unknown
  /** `opening` says nothing yet, `content` is what clocks wait for, `closing` ends the answer. */
  role: 'opening' | 'content' | 'closing'
}

/** What a format's file knows: how a request reads, and how answers and refusals are written. */
export interface WireFormat {
  readonly name: 'openai-responses' | 'openai-chat' | 'anthropic-messages'
  readonly path: string
  read(body: Record<string, unknown>): RequestView
  stream(answer: Answer, model: string, body: Record<string, unknown>): StreamEvent[]
  whole(answer: Answer, model: string): unknown
  failure(failure: Failure): { status: number; body: unknown }
  /** The same failure in the middle of a stream. */
  failureEvent(failure: Failure): StreamEvent
  /** The line after the last event, where the format has one. */
  readonly sentinel?: string
}

/** What a test or an answering function wants to know of a request, the same for each format. */
export interface RequestView {
  /** The text of the last user message. */
  prompt: string
  system: string
  /** Names of the tools offered. */
  tools: string[]
  /** What tools answered since the last turn of the model. */
  toolResults: { id: string; text: string }[]
  images: number
}

export function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : []
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The text of a content field: a string, or parts with a `text`. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return list(content)
    .map((part) => string(part['text']))
    .filter((text) => text !== '')
    .join('\n\n')
}
