import { expect, test } from 'vitest'
import { nextConversation, seenBy } from '../../../policies/hold/conversation.ts'

const step = { model: 'a/deep', at: 0, stage: 'o', opens: true, troubled: false, head: 'h', promptTokens: 10_000, outputTokens: 100 }

test('nextConversation() remembers each step by a letter, with a capital where a turn begins, and the newest trouble', () => {
  const first = nextConversation(undefined, step)
  const second = nextConversation(first, { ...step, opens: false, stage: 'f', troubled: true, promptTokens: 10_500, at: 5000 })
  const third = nextConversation(second, { ...step, opens: false, promptTokens: 11_000, at: 9000 })

  expect(third).toMatchObject({ stages: 'Ofo', troubledAt: 1, promptTokens: 11_000 })
  expect(third.seen).toEqual({ 'a/deep': { tokens: 11_000, at: 9000 } })
})

test('nextConversation() follows the pace, and takes no pause of a person for it', () => {
  const first = nextConversation(undefined, step)
  const later = nextConversation(first, { ...step, promptTokens: 20_000, at: 3_600_000 })

  expect(later.pace.newTokens).toBeGreaterThan(first.pace.newTokens)
  expect(later.pace.gapMs).toBeLessThan(20_000)
})

test('seenBy() is nothing when the head is another one, or when the prompt has lost much of itself', () => {
  const before = nextConversation(undefined, step)

  expect(seenBy(before, { head: 'h', promptTokens: 10_400 })['a/deep']?.tokens).toBe(10_000)
  expect(seenBy(before, { head: 'other', promptTokens: 10_400 })).toEqual({})
  expect(seenBy(before, { head: 'h', promptTokens: 4000 })['a/deep']?.tokens).toBe(0)
})
