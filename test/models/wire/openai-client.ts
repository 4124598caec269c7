import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import OpenAI from 'openai'
import type { Message, Part } from '../../../models/message.ts'
import type { FinishReason, Usage } from '../../../models/outcome.ts'
import type { ModelEvent, ModelFinish } from '../../../models/provider.ts'
import type { AnswerFrame, ClientFailure, ClientFormat, ClientRequest } from '../../../models/wire/client-format.ts'

const usage: Usage = { inputTokens: 100, cacheReadTokens: 40, cacheWriteTokens: 10, outputTokens: 30, reasoningTokens: 12 }

export interface ScriptedAnswer {
  content: Part[]
  /** In the place of those made of the rest; `finish` last. */
  events?: readonly ModelEvent[]
  finishReason?: FinishReason
  /** Characters of a piece. */
  piece?: number
  /** Whether the text is told to be a refusal while it arrives. */
  refusal?: boolean
  /** Fails instead, or after so many events. */
  fails?: ClientFailure & { after?: number }
}

/** The events that a provider would yield for this answer. */
export function eventsOf({ content, events: given, finishReason, piece = 3, refusal }: ScriptedAnswer): readonly ModelEvent[] {
  if (given !== undefined) return given
  const events: ModelEvent[] = [{ type: 'start' }]
  for (const part of content) {
    if (part.type === 'text') {
      for (const text of pieces(part.text, piece)) events.push({ type: 'text-delta', text, ...(refusal === true && { refusal }) })
    } else if (part.type === 'reasoning') {
      for (const text of pieces(part.text, piece)) events.push({ type: 'reasoning-delta', text })
      events.push({ type: 'reasoning', part })
    } else if (part.type === 'tool-call') {
      const { id, name, input } = part
      events.push({ type: 'tool-call-delta', id, name, inputText: '' })
      // Some providers stream nothing for a call without arguments.
      const text = Object.keys(input).length === 0 ? '' : JSON.stringify(input)
      for (const inputText of pieces(text, piece)) events.push({ type: 'tool-call-delta', id, name, inputText })
      events.push({ type: 'tool-call', call: part })
    }
  }
  events.push(finishOf(content, finishReason))
  return events
}

export function finishOf(content: Part[], finishReason?: FinishReason): ModelFinish {
  const called = content.some((part) => part.type === 'tool-call')
  const message: Message = { role: 'assistant', content }
  return { type: 'finish', finishReason: finishReason ?? (called ? 'tool-calls' : 'stop'), usage, servedModel: 'served-1', message }
}

function pieces(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) => text.slice(index * length, (index + 1) * length))
}

export function frameOf(request: ClientRequest): AnswerFrame {
  return {
    request,
    id: '0123456789abcdef',
    createdAt: 1_750_000_000_500,
    inputTokens: 150,
    seal: ({ text, raw }) => `sealed:${text}:${JSON.stringify(raw)}`,
  }
}

export interface FormatServer {
  readonly client: OpenAI
  /** The requests as the format read them. */
  readonly requests: ClientRequest[]
  answer(scripted: ScriptedAnswer): void
  close(): void
}

/** A server that does nothing but read requests and write answers in one format, and the vendor's own client for it. */
export async function startFormatServer(format: ClientFormat): Promise<FormatServer> {
  const requests: ClientRequest[] = []
  let next: ScriptedAnswer = { content: [] }
  const server: Server = createServer(async (incoming, response) => {
    const request = format.readRequest(JSON.parse(await textOf(incoming)))
    requests.push(request)
    const frame = frameOf(request)
    const { fails } = next
    if (fails !== undefined && fails.after === undefined) {
      response.writeHead(fails.status, { 'content-type': 'application/json' }).end(JSON.stringify(format.writeFailure(fails)))
      return
    }
    if (!request.stream) {
      const last = next.events?.at(-1)
      const finish = last?.type === 'finish' ? last : finishOf(next.content, next.finishReason)
      const answer = format.writeAnswer(finish, frame)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const writer = format.createStreamWriter(frame)
    for (const event of eventsOf(next).slice(0, fails?.after)) response.write(writer.write(event))
    response.end(fails === undefined ? '' : writer.fail(fails))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return {
    client: new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }),
    requests,
    answer(scripted) {
      next = scripted
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
