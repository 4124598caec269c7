import { z } from 'zod'
import type { ComputerAction } from './action.ts'
import { canonicalKey, isKey } from './keys.ts'

const point = z.strictObject({ x: z.number(), y: z.number() })
const key = z
  .string()
  .refine(isKey, 'must be one character or the name of a key')
  .overwrite((name) => (isKey(name) ? canonicalKey(name) : name))
const button = z.enum(['left', 'right', 'middle', 'back', 'forward'])
const modifiers = z.array(key).default([])
const seconds = (most: number) =>
  z
    .number()
    .min(0)
    .max(most * 1000)

/** Our own form of an action, as callers send it. What is absent is what one means without saying: the left button, once, nothing held. */
export const computerActionSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('click'),
    at: point.optional(),
    button: button.default('left'),
    count: z.literal([1, 2, 3]).default(1),
    modifiers,
  }),
  z.strictObject({ type: z.literal('move'), at: point }),
  z.strictObject({ type: z.literal(['mouse-down', 'mouse-up']), at: point.optional(), button: button.default('left') }),
  z.strictObject({ type: z.literal('drag'), path: z.array(point).min(1), modifiers }),
  z.strictObject({
    type: z.literal('scroll'),
    at: point.optional(),
    dx: z.number().default(0),
    dy: z.number().default(0),
    unit: z.enum(['pixel', 'step']),
    modifiers,
  }),
  z.strictObject({
    type: z.literal('type'),
    text: z.string(),
    at: point.optional(),
    clear: z.boolean().optional(),
    submit: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal(['key', 'key-down', 'key-up']),
    keys: z.array(key).min(1),
    repeat: z.int().min(1).max(100).optional(),
    holdMs: seconds(300).optional(),
  }),
  z.strictObject({ type: z.literal('wait'), ms: seconds(3600) }),
  z.strictObject({ type: z.literal('screenshot') }),
  z.strictObject({
    type: z.literal('zoom'),
    region: z
      .strictObject({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() })
      .refine(({ left, top, right, bottom }) => left < right && top < bottom, 'must not be empty'),
  }),
  z.strictObject({ type: z.literal('cursor-position') }),
  z.strictObject({ type: z.literal('navigate'), url: z.string().min(1) }),
  z.strictObject({ type: z.literal(['back', 'forward', 'reload', 'open-browser', 'search']) }),
  z.strictObject({
    type: z.literal('finish'),
    status: z.enum(['success', 'failure', 'needs-user']),
    text: z.string().optional(),
  }),
]) satisfies z.ZodType<ComputerAction>
