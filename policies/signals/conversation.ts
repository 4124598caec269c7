import { z } from 'zod'
import type { Message } from '../../models/message.ts'
import type { Step } from '../step.ts'
import { defineSignal } from './signal.ts'

const counts = {
  messages: ({ history }: Step) => history.length,
  user_messages: ({ history }: Step) => history.filter(({ role }) => role === 'user').length,
  assistant_messages: ({ history }: Step) => history.filter(({ role }) => role === 'assistant').length,
  tools_offered: ({ toolsOffered }: Step) => toolsOffered,
  tool_calls: ({ history }: Step) => countParts(history, 'tool-call'),
  tool_results: ({ history }: Step) => countParts(history, 'tool-result'),
  /** Answers of a model that called tools and got results back. */
  tool_cycles: ({ history }: Step) => history.filter((message, index) => called(message) && answers(history[index + 1])).length,
  /** 1 inside a running loop, else 0. */
  active_loop: ({ toolLoop }: Step) => (toolLoop ? 1 : 0),
  open_calls: ({ openToolCalls }: Step) => openToolCalls,
  images: ({ images }: Step) => images,
} as const

export type Counted = keyof typeof counts

/** How much of something the conversation holds, earlier turns among it; with `at_least` or `at_most`, whether it holds that much. */
export const conversation = defineSignal({
  value: 'number; true or false',
  is: 'how many of something the conversation has; with a limit, whether so many',
  options: {
    of: 'what is counted; of `active_loop` 1 or 0',
    at_least: 'true from so many on',
    at_most: 'true up to so many',
  },
  schema: z.strictObject({
    kind: z.literal('conversation'),
    of: z.enum(Object.keys(counts) as [Counted, ...Counted[]]),
    at_least: z.int().min(0).optional(),
    at_most: z.int().min(0).optional(),
  }),
  create: (name, { of, at_least: atLeast, at_most: atMost }) => ({
    name,
    cost: 'read',
    type: atLeast === undefined && atMost === undefined ? 'double' : 'bool',
    read(step) {
      const count = counts[of](step)
      if (atLeast === undefined && atMost === undefined) return { value: count, confidence: 1 }
      return { value: count >= (atLeast ?? 0) && count <= (atMost ?? Number.POSITIVE_INFINITY), confidence: 1 }
    },
  }),
})

function countParts(history: readonly Message[], type: 'tool-call' | 'tool-result'): number {
  let count = 0
  for (const { content } of history) for (const part of content) if (part.type === type) count += 1
  return count
}

function called({ role, content }: Message): boolean {
  return role === 'assistant' && content.some((part) => part.type === 'tool-call')
}

function answers(message: Message | undefined): boolean {
  return message?.content.some((part) => part.type === 'tool-result') ?? false
}
