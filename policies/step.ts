import type { Modality } from '../models/deployment.ts'
import type { Message, Part } from '../models/message.ts'
import type { SessionRisk } from '../models/risk.ts'
import { noTaint, type Taint } from '../models/taint.ts'
import { type HarnessText, readHarnessText } from './harness-text.ts'

export type StepKind = 'user_turn' | 'continuation' | 'background'

/**
 * The workload: one unit of agent work, as signals and policies see it.
 *
 * Everything here is a fact that can be read without a model. `text` is what the person
 * said last, with the harness's own blocks taken out, since those would drown it.
 */
export interface Step {
  readonly kind: StepKind
  /** `agent` when tools are offered or have been used, else `chat`. */
  readonly mode: 'chat' | 'agent'
  readonly text: string
  readonly principal: string
  readonly thread: string | undefined
  readonly client: string | undefined
  /** Estimated tokens of all that would be sent: system, turns, tools and images. */
  readonly inputTokens: number
  /** The part of `inputTokens` that cannot be left out: all but what memory added. */
  readonly requiredTokens: number
  /** The most that the answer may take. */
  readonly maxOutputTokens: number
  readonly modalities: readonly Modality[]
  readonly images: number
  readonly messages: number
  readonly toolsOffered: number
  readonly toolCalls: number
  /** Whether the step stands inside a running tool loop: the last message answers a call. */
  readonly toolLoop: boolean
  /** Calls that were made and not answered yet. */
  readonly openToolCalls: number
  readonly toolErrors: number
  /** The deployment that answered the previous step of this thread or loop, `provider/model`. */
  readonly previousModel: string | undefined
  readonly askedPool: string | undefined
  readonly askedModel: string | undefined
  readonly maxCostUsd: number | undefined
  /** The pool that the configuration names for background work: it may be elsewhere than on this machine. */
  readonly backgroundPool: string | undefined
  /** Whether the newest words of the person come with a summary that stands for what was before: a new workload. */
  readonly compacted: boolean
  /** Whether the step is to act on a screen by mouse and keyboard (`next_action`, or a vendor's computer tool that was offered). */
  readonly computerUse: boolean
  /** Whether a URL stands for an image: only providers that fetch it themselves can take it. */
  readonly imageUrls: boolean
  /** What has come into the thread. */
  readonly taint: Taint
  /** What was seen of the session's earlier messages, by signals that look for it. */
  readonly risk: SessionRisk
  /** 0–1: how surely what memory adds holds what the step asks for; 0 where it adds nothing. */
  readonly memoryEvidence: number
  /** All messages, the thread's earlier turns before those of the request: what signals about the course of the work look at. */
  readonly history: readonly Message[]
  /** What the caller may do here, such as `owner`. */
  readonly roles: readonly string[]
  /** What the client said of the step: never trusted, since anybody can say anything. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface StepInput {
  messages: readonly Message[]
  inputTokens: number
  /** `inputTokens` unless told. */
  requiredTokens?: number | undefined
  maxOutputTokens: number
  principal: string
  background?: boolean
  backgroundPool?: string | undefined
  thread?: string | undefined
  client?: string | undefined
  toolsOffered?: number | undefined
  previousModel?: string | undefined
  askedPool?: string | undefined
  askedModel?: string | undefined
  maxCostUsd?: number | undefined
  taint?: Taint | undefined
  risk?: SessionRisk | undefined
  memoryEvidence?: number | undefined
  /** Turns that stand before `messages` and are sent along. */
  earlier?: readonly Message[] | undefined
  roles?: readonly string[] | undefined
  metadata?: Readonly<Record<string, string>> | undefined
  computerUse?: boolean | undefined
}

/** Reads the facts of a step off its messages. Pure: the same input gives the same step. */
export function createStep(input: StepInput): Step {
  const parts = input.messages.flatMap((message) => message.content)
  const calls = parts.filter((part) => part.type === 'tool-call')
  const results = parts.filter((part) => part.type === 'tool-result')
  const answered = new Set(results.map((result) => result.id))
  const images = countImages(parts)
  const toolLoop = answersCalls(input.messages)
  const said = lastSaid(input.messages)
  const toolsOffered = input.toolsOffered ?? 0
  const modalities: Modality[] = ['text']
  if (images > 0) modalities.push('image')
  if (parts.some((part) => part.type === 'file')) modalities.push('file')

  return {
    kind: input.background === true ? 'background' : toolLoop ? 'continuation' : 'user_turn',
    mode: modeOf(input.messages, toolsOffered),
    text: said.text,
    principal: input.principal,
    thread: input.thread,
    client: input.client,
    inputTokens: input.inputTokens,
    requiredTokens: input.requiredTokens ?? input.inputTokens,
    maxOutputTokens: input.maxOutputTokens,
    modalities,
    images,
    messages: input.messages.length,
    toolsOffered,
    toolCalls: calls.length,
    toolLoop,
    openToolCalls: calls.filter((call) => !answered.has(call.id)).length,
    toolErrors: results.filter((result) => result.isError).length,
    previousModel: input.previousModel,
    askedPool: input.askedPool,
    askedModel: input.askedModel,
    maxCostUsd: input.maxCostUsd,
    backgroundPool: input.backgroundPool,
    compacted: said.compacted,
    computerUse: input.computerUse ?? false,
    imageUrls: parts.some((part) => part.type === 'image-url'),
    taint: input.taint ?? noTaint,
    risk: input.risk ?? {},
    memoryEvidence: input.memoryEvidence ?? 0,
    history: [...(input.earlier ?? []), ...input.messages],
    roles: input.roles ?? [],
    metadata: input.metadata ?? {},
  }
}

/** `agent` when tools are offered or have been used. */
export function modeOf(messages: readonly Message[], toolsOffered: number): Step['mode'] {
  const called = messages.some((message) => message.content.some((part) => part.type === 'tool-call'))
  return toolsOffered > 0 || called ? 'agent' : 'chat'
}

/** What the person wrote in a message, each of its texts without what a harness added. */
export function readOwnWords(message: Message): HarnessText {
  const read = message.content.flatMap((part) => (part.type === 'text' ? [readHarnessText(part.text)] : []))
  const texts = read.map(({ text }) => text).filter((text) => text !== '')
  return { text: texts.join('\n\n'), compacted: read.some(({ compacted }) => compacted) }
}

/** The newest words of a person, past messages that a harness wrote alone; a summary is no words, but the end of the search. */
function lastSaid(messages: readonly Message[]): HarnessText {
  for (const message of messages.toReversed()) {
    if (message.role !== 'user') continue
    const said = readOwnWords(message)
    if (said.text !== '' || said.compacted) return said
  }
  return { text: '', compacted: false }
}

function countImages(parts: readonly Part[]): number {
  let count = 0
  for (const part of parts) {
    if (part.type === 'image' || part.type === 'image-url') count += 1
    if (part.type === 'tool-result') count += part.content.filter((inner) => inner.type === 'image').length
  }
  return count
}

/**
 * Whether the newest messages hold tool results alone: an image or a reminder beside them is what a harness adds. Formats in
 * which each result is a message of its own end in several of them, with a reminder after them or not.
 */
function answersCalls(messages: readonly Message[]): boolean {
  const last = messages.findLast((message) => !isHarness(message))
  if (last?.role !== 'user' || !last.content.some((part) => part.type === 'tool-result')) return false
  return last.content.every((part) => part.type === 'tool-result' || part.type === 'image' || isHarnessText(part))
}

function isHarness({ role, content }: Message): boolean {
  return role === 'user' && content.length > 0 && content.every(isHarnessText)
}

function isHarnessText(part: Part): boolean {
  if (part.type !== 'text') return false
  const { text, compacted } = readHarnessText(part.text)
  return text === '' && !compacted
}
