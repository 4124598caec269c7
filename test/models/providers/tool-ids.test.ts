import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../../models/message.ts'
import { commonIds, createIdMap, mistralIds } from '../../../models/providers/tool-ids.ts'

const conversation = (ids: readonly string[]): Message[] =>
  ids.flatMap((id): Message[] => [
    { role: 'assistant', content: [{ type: 'tool-call', id, name: 'go', input: {} }] },
    { role: 'user', content: [{ type: 'tool-result', id, name: 'go', content: [], isError: false }] },
  ])
const anyId = fc.oneof(
  fc.string(),
  fc.stringMatching(/^call_[a-z0-9]{1,20}$/),
  fc.stringMatching(/^[a-zA-Z0-9]{9}$/),
  fc.constant('functions.x:0'),
)

describe.each([
  ['commonIds', commonIds],
  ['mistralIds', mistralIds],
])('createIdMap() by %s', (_, rule) => {
  test('gives valid ids, never one for two, and the same again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { maxLength: 20 }), (ids) => {
        const map = createIdMap(conversation(ids), rule)
        const mapped = ids.map(map)

        expect(new Set(mapped).size).toBe(ids.length)
        for (const [index, id] of mapped.entries()) {
          expect(id).toMatch(rule.pattern)
          if (rule.pattern.test(ids[index] ?? '')) expect(id).toBe(ids[index])
        }
        expect(ids.map(map)).toEqual(mapped)
      }),
    )
  })

  test('a longer conversation maps its beginning as before, so that the prefix stays', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 2, maxLength: 12 }), (ids) => {
        const shorter = ids.slice(0, -1)

        expect(shorter.map(createIdMap(conversation(ids), rule))).toEqual(shorter.map(createIdMap(conversation(shorter), rule)))
      }),
    )
  })

  test('what was mapped once stays as it is when it is mapped again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { maxLength: 12 }), (ids) => {
        const once = ids.map(createIdMap(conversation(ids), rule))

        expect(once.map(createIdMap(conversation(once), rule))).toEqual(once)
      }),
    )
  })
})
