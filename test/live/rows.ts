import type { Message, ToolCallPart, ToolDefinition } from '../../models/message.ts'
import { textOf } from '../../models/message.ts'
import type { Usage } from '../../models/outcome.ts'
import type { ModelFinish } from '../../models/provider.ts'
import type { CallSeen, LiveRequest, LiveTarget } from './call.ts'
import { redPng } from './picture.ts'

/** A row of the matrix that a real service can be brought to show. */
export interface LiveRow {
  readonly name: string
  /** Says what was seen; throws a `Differs` with what should have been. */
  run(call: (request: LiveRequest) => Promise<CallSeen>, target: LiveTarget): Promise<string>
}

/** A service did otherwise than the row expects. */
export class Differs extends Error {}

/** The cap has no room for the next call. */
export class NoRoom extends Error {}

const add: ToolDefinition = {
  name: 'add',
  description: 'Adds two numbers',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
}
const temperature: ToolDefinition = {
  name: 'temperature',
  description: 'The temperature in one city now, in degrees Celsius',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

/** Cheap ones first, so that a low cap leaves out the dear one. */
export const liveRows: readonly LiveRow[] = [
  {
    name: 'plain',
    async run(call) {
      const { message, finishReason } = answerOf(await call({ messages: [said('Reply with the single word: pong')] }))
      requireSeen(finishReason === 'stop' && /pong/i.test(textOf(message.content)), 'the word pong and the end', finishReason)
      return 'answered'
    },
  },
  {
    name: 'streaming',
    async run(call) {
      const seen = await call({ messages: [said('Count from one to thirty in words, with commas, and nothing else')] })
      answerOf(seen)
      requireSeen(seen.pieces > 2, 'text in more than two pieces', `${seen.pieces}`)
      return `${seen.pieces} pieces`
    },
  },
  {
    name: 'tools',
    async run(call) {
      const asked = [said('What is 17 plus 25? Use the tool.')]
      const first = answerOf(await call({ messages: asked, tools: [add], toolChoice: { name: 'add' } }))
      const [made] = callsOf(first)
      requireSeen(made?.input['a'] !== undefined && made.input['b'] !== undefined, 'a call of add with a and b', first.finishReason)
      const last = answerOf(await call({ messages: [...asked, first.message, results([made as ToolCallPart], ['42'])], tools: [add] }))
      requireSeen(textOf(last.message.content).includes('42'), 'an answer with what the tool said', last.finishReason)
      return 'called and answered'
    },
  },
  {
    name: 'parallel-tools',
    async run(call) {
      const asked = [said('How warm is it in Paris and in Rome? Ask the tool for both at once.')]
      const first = answerOf(await call({ messages: asked, tools: [temperature], toolChoice: 'auto' }))
      const made = callsOf(first)
      requireSeen(new Set(made.map(({ id }) => id)).size > 1, 'two calls of their own ids in one answer', `${made.length}`)
      const messages = [...asked, first.message, results(made, ['21', '27', '21'])]
      const last = answerOf(await call({ messages, tools: [temperature] }))
      requireSeen(/21[\s\S]*27|27[\s\S]*21/.test(textOf(last.message.content)), 'an answer with both results', last.finishReason)
      return `${made.length} calls`
    },
  },
  {
    name: 'image',
    async run(call) {
      const image = { type: 'image' as const, mediaType: 'image/png' as const, data: redPng(), width: 64, height: 64 }
      const question = { type: 'text' as const, text: 'Which colour fills this picture? One word.' }
      const { message } = answerOf(await call({ messages: [{ role: 'user', content: [question, image] }] }))
      requireSeen(/red/i.test(textOf(message.content)), 'the word red', textOf(message.content).slice(0, 40))
      return 'seen'
    },
  },
  {
    name: 'usage',
    async run(call) {
      // More than the longest beginning that a vendor's cache starts at.
      const system = `Be short. ${'The quick brown fox jumps over the lazy dog. '.repeat(600)}`
      const request = { system, messages: [said('Say yes')], cacheKey: 'signalbox-live' }
      const [first, second] = [answerOf(await call(request)).usage, answerOf(await call(request)).usage]
      requireSeen(first.outputTokens > 0 && inputOf(first) > 4000, 'tokens in and out', JSON.stringify(first))
      requireSeen(inputOf(first) === inputOf(second), 'the same input in the sum of its buckets', `${inputOf(first)}, ${inputOf(second)}`)
      return `${inputOf(second)} in, of them ${second.cacheReadTokens} from the cache`
    },
  },
  {
    name: 'wrong-model',
    run: async (call) => refusedAs('not_found', await call({ messages: [said('Hi')], model: 'signalbox-no-such-model' })),
  },
  {
    name: 'wrong-key',
    run: async (call) => refusedAs('auth', await call({ messages: [said('Hi')], key: 'sk-signalbox-wrong-0000000000000000' })),
  },
  {
    name: 'abort',
    async run(call) {
      const leaveWith = new Error('The caller left')
      const seen = await call({ messages: [said('Count from one to five hundred in words')], leaveWith })
      requireRoom(seen)
      const { error, attempts, health } = seen
      requireSeen(error === leaveWith, 'the reason of the caller', String(error))
      requireSeen(health.failures === 0 && health.inFlight === 0, 'no failure of the model', `${health.failures}`)
      return `left after ${attempts[0]?.durationMs ?? 0} ms`
    },
  },
  {
    name: 'too-long',
    async run(call, { deployment }) {
      return refusedAs('input_too_long', await call({ messages: [said('word '.repeat(Math.ceil(deployment.contextTokens * 1.1)))] }))
    },
  },
]

function said(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] }
}

function results(calls: readonly ToolCallPart[], texts: readonly string[]): Message {
  return {
    role: 'user',
    content: calls.map(({ id, name }, index) => {
      return { type: 'tool-result', id, name, content: [{ type: 'text', text: texts[index] ?? 'unknown' }], isError: false }
    }),
  }
}

function callsOf({ message }: ModelFinish): ToolCallPart[] {
  return message.content.filter((part) => part.type === 'tool-call')
}

function inputOf({ inputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens
}

function answerOf(seen: CallSeen): ModelFinish {
  requireRoom(seen)
  if (seen.finish === undefined) throw new Differs(`an answer was due, received: ${describe(seen.error)}`)
  if (seen.warnings.length > 0) throw new Differs(`no warning was due, received: ${seen.warnings.join('; ')}`)
  return seen.finish
}

function refusedAs(kind: string, seen: CallSeen): string {
  requireRoom(seen)
  const refusal = seen.attempts.at(-1)?.error
  const received = refusal === undefined ? 'an answer' : `${refusal.kind}: ${refusal.message}`
  requireSeen(refusal?.kind === kind, kind, received)
  return refusal?.status === undefined ? kind : `${kind} (${refusal.status})`
}

function requireRoom({ attempts }: CallSeen): void {
  if (attempts.at(-1)?.error?.kind === 'budget') throw new NoRoom('the cap has no room for what it may cost')
}

function requireSeen(holds: boolean, due: string, received: string): void {
  if (!holds) throw new Differs(`${due} was due, received: ${received}`)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
