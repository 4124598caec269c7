import { z } from 'zod'
import type { Message, Part } from '../models/message.ts'
import type { Step } from './step.ts'

/**
 * What a decision keeps of its step, so that it can be made again under another policy: every fact, and the course of the
 * work in short. At most about 24 KB: the last 40 messages, of each text its beginning and end, of an image its place.
 */
const shortText = 240
const ownWords = 4000
const lastMessages = 40

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const imagePart = z.object({ type: z.literal('image'), mediaType: z.literal('image/png'), data: z.literal('') })
const part = z.discriminatedUnion('type', [
  textPart,
  imagePart,
  z.object({ type: z.literal('tool-call'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal('tool-result'),
    id: z.string(),
    name: z.string(),
    content: z.array(z.union([textPart, imagePart])),
    isError: z.boolean(),
  }),
])

const track = z.object({ peak: z.number(), average: z.number(), flagged: z.number(), messages: z.number(), at: z.number().optional() })
const riskSchema = z.object({ jailbreak: track.optional(), injection: track.optional(), caller: track.optional() })

export const recordedStepSchema = z.object({
  version: z.literal(1),
  kind: z.enum(['user_turn', 'continuation', 'background']),
  mode: z.enum(['chat', 'agent']),
  text: z.string(),
  thread: z.string().optional(),
  client: z.string().optional(),
  inputTokens: z.number(),
  requiredTokens: z.number(),
  maxOutputTokens: z.number(),
  modalities: z.array(z.enum(['text', 'image', 'file'])),
  images: z.number(),
  messages: z.number(),
  toolsOffered: z.number(),
  toolCalls: z.number(),
  toolLoop: z.boolean(),
  openToolCalls: z.number(),
  toolErrors: z.number(),
  previousModel: z.string().optional(),
  askedPool: z.string().optional(),
  askedModel: z.string().optional(),
  maxCostUsd: z.number().optional(),
  backgroundPool: z.string().optional(),
  imageUrls: z.boolean(),
  compacted: z.boolean().default(false),
  computerUse: z.boolean().default(false),
  taint: z.object({ untrustedRead: z.boolean(), privateRead: z.boolean(), canSend: z.boolean(), injectedRead: z.literal(true).optional() }),
  risk: riskSchema.default({}),
  memoryEvidence: z.number().default(0),
  roles: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  /** Names of the tools that were offered. */
  tools: z.array(z.string()),
  history: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.array(part) })),
})

export type RecordedStep = z.output<typeof recordedStepSchema>

/** `mask` takes out of a text what must not be kept. */
export function recordStep(step: Step, tools: readonly string[], mask: (text: string) => string): RecordedStep {
  const { principal: _principal, history, text, modalities, roles, metadata, taint, ...facts } = step
  return {
    version: 1,
    ...facts,
    text: mask(shorten(text, ownWords)),
    modalities: [...modalities],
    roles: [...roles],
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, mask(value)])),
    taint: { ...taint },
    tools: tools.slice(0, 200),
    history: history.slice(-lastMessages).map(({ role, content }) => ({ role, content: content.flatMap((one) => shortPart(one, mask)) })),
  }
}

/** The step as it was, with its history in short. */
export function restoreStep(recorded: RecordedStep, principal: string): Step {
  const {
    version: _version,
    tools: _tools,
    thread,
    client,
    previousModel,
    askedPool,
    askedModel,
    maxCostUsd,
    backgroundPool,
    ...facts
  } = recorded
  const history = facts.history as Message[]
  return { ...facts, history, principal, thread, client, previousModel, askedPool, askedModel, maxCostUsd, backgroundPool }
}

type RecordedPart = RecordedStep['history'][number]['content'][number]

function shortPart(one: Part, mask: (text: string) => string): RecordedPart[] {
  const kept = (text: string) => mask(shorten(text, shortText))
  switch (one.type) {
    case 'text':
      return [{ type: 'text', text: kept(one.text) }]
    case 'image':
    case 'image-url':
      return [noImage]
    case 'tool-call':
      return [{ type: 'tool-call', id: one.id, name: one.name, input: shortInput(one.input, kept) }]
    case 'tool-result':
      return [
        {
          type: 'tool-result',
          id: one.id,
          name: one.name,
          content: one.content.map((inner) => (inner.type === 'text' ? { type: 'text', text: kept(inner.text) } : noImage)),
          isError: one.isError,
        },
      ]
    case 'file':
    case 'reasoning':
      return []
  }
}

const noImage = { type: 'image', mediaType: 'image/png', data: '' } as const

/** Texts short and lists by their length: enough to see whether a call repeats. */
function shortInput(input: Readonly<Record<string, unknown>>, kept: (text: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input)
      .slice(0, 20)
      .map(([name, value]) => [name, typeof value === 'object' && value !== null ? kept(JSON.stringify(value)) : shortScalar(value, kept)]),
  )
}

function shortScalar(value: unknown, kept: (text: string) => string): unknown {
  return typeof value === 'string' ? kept(value) : value
}

function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const head = Math.floor((longest * 2) / 3)
  return `${text.slice(0, head)} … ${text.slice(head + 3 - longest)}`.toWellFormed()
}
