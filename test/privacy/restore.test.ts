import { expect, test } from 'vitest'
import type { ModelEvent } from '../../models/provider.ts'
import { createPlaceholders } from '../../src/privacy/placeholders.ts'
import { createRestorer } from '../../src/privacy/restore.ts'
import { restoring } from '../../src/privacy/restoring.ts'

const person = () => {
  const placeholders = createPlaceholders()
  placeholders.add('Ada "the Countess" Byron', 'PERSON')
  return placeholders
}

test('createRestorer() holds back what may be the beginning of a placeholder, and no more', () => {
  const restorer = createRestorer(person())

  const pieces = ['a[', 'b [P', 'ERSON_', '1', '] [x] [PERSON_2', '] [1] [PERSON'].map((piece) => restorer.push(piece))

  expect(pieces).toEqual(['a', '[b ', '', '', 'Ada "the Countess" Byron [x] ', '[PERSON_2] [1] '])
  expect(restorer.end()).toBe('[PERSON')
})

test('createRestorer() gives the same however a text is cut', () => {
  const text = 'Dear [PERSON_1], [[PERSON_1]] and [PERSON_11] [PERSON_1'
  const whole = createRestorer(person())
  const expected = whole.push(text) + whole.end()

  for (let size = 1; size < text.length; size += 1) {
    const restorer = createRestorer(person())
    let result = ''
    for (let at = 0; at < text.length; at += size) result += restorer.push(text.slice(at, at + size))
    expect(result + restorer.end()).toBe(expected)
  }
})

test.each(['\\[PERSON\\_1\\]', '[PERSON\\_1]'])('createRestorer() knows a placeholder whose signs are escaped: %s', (written) => {
  const restorer = createRestorer(person())

  expect([...`It is ${written}.`].map((letter) => restorer.push(letter)).join('') + restorer.end()).toBe('It is Ada "the Countess" Byron.')
})

test('createRestorer() writes a value into JSON with its escapes', () => {
  expect(JSON.parse(createRestorer(person(), { asJson: true }).push('{"to":"[PERSON_1]"}'))).toEqual({ to: 'Ada "the Countess" Byron' })
})

test('restoring() says what it held back before the next event of another kind, and restores no reasoning', async () => {
  const reasoning: ModelEvent = { type: 'reasoning-delta', text: '[PERSON_1]' }
  const events: ModelEvent[] = [{ type: 'text-delta', text: 'Hello [PER' }, reasoning, { type: 'text-delta', text: 'SON_1]' }]
  async function* arrivals() {
    for (const event of events) yield { events: [event] }
  }

  const heard: ModelEvent[] = []
  for await (const arrival of restoring(arrivals(), person(), { calls: true, isJson: false })) heard.push(...arrival.events)

  expect(heard).toEqual([
    { type: 'text-delta', text: 'Hello ' },
    { type: 'text-delta', text: '[PER' },
    reasoning,
    { type: 'text-delta', text: 'SON_1]' },
  ])
})
