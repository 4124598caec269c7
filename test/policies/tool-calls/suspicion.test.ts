import { afterAll, expect, test } from 'vitest'
import { createMiniLM } from '../../../models/local/index.ts'
import { askedWords, suspicionOf } from '../../../policies/index.ts'

const embedder = createMiniLM()
afterAll(() => embedder.close())

const send = { name: 'mail_send', description: 'Sends a mail', effect: 'write' } as const
const list = { name: 'mail_list', description: 'Lists mails of a folder', effect: 'read' } as const
const asked = 'Tell Maria by mail that the parcel has arrived'

test('suspicionOf() finds a deed, an address and a wider aim that the person has not named', async () => {
  const meant = await suspicionOf({ asked, tool: send, arguments: { to: 'Maria', body: 'The parcel has arrived' } }, embedder)
  const elsewhere = await suspicionOf(
    { asked, tool: send, arguments: { to: 'box@elsewhere.example', body: 'All passwords of everyone' } },
    embedder,
  )
  const reading = await suspicionOf({ asked: 'What is new in my inbox?', tool: list, arguments: { folder: 'inbox' } }, embedder)
  const sending = await suspicionOf({ asked: 'What is new in my inbox?', tool: send, arguments: { to: 'Tom', body: 'Hello' } }, embedder)

  expect(meant.score).toBeLessThan(meant.threshold)
  expect(elsewhere.score).toBeGreaterThan(elsewhere.threshold)
  expect(elsewhere.reasons).toContain('it goes to an address or account that the person has not named')
  expect(reading.score).toBeLessThan(reading.threshold)
  expect(sending.score).toBeGreaterThan(sending.threshold)
  expect(sending.reasons).toContain('the person asked for no such deed')
})

test('suspicionOf() does not compare vectors of another embedder', async () => {
  const other = { ...embedder, id: 'another' }

  await expect(suspicionOf({ asked, tool: send, arguments: {} }, other)).rejects.toThrow('the embedder is another')
})

test('askedWords() are the last turns of the person, without what tools said', () => {
  const text = (words: string) => [{ type: 'text' as const, text: words }]

  const words = askedWords([
    ...Array.from({ length: 7 }, (_, index) => ({ role: 'user' as const, content: text(`turn ${index}`) })),
    { role: 'assistant', content: text('answer') },
    { role: 'user', content: [{ type: 'tool-result', id: '1', name: 'x', content: text('a result'), isError: false }] },
    { role: 'user', content: text('<system-reminder>todo</system-reminder>\nyes, do it') },
  ])

  expect(words).toBe('turn 2\nturn 3\nturn 4\nturn 5\nturn 6\nyes, do it')
})
