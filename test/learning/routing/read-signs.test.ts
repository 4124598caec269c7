import { expect, test } from 'vitest'
import type { Message } from '../../../models/message.ts'
import { noTaint } from '../../../models/taint.ts'
import { createStep } from '../../../policies/index.ts'
import { readSigns, readSignsByMeaning } from '../../../src/learning/routing/read-signs.ts'

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const said = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] })
const called = (name: string, input: Record<string, unknown>, id = 'call_1'): Message => ({
  role: 'assistant',
  content: [{ type: 'tool-call', id, name, input }],
})
const result = (text: string, isError = false, id = 'call_1'): Message => ({
  role: 'user',
  content: [{ type: 'tool-result', id, name: 'shell', content: [{ type: 'text', text }], isError }],
})

function stepOf(messages: Message[], untrustedRead = false) {
  return createStep({ messages, inputTokens: 10, maxOutputTokens: 10, principal: 'local', taint: { ...noTaint, untrustedRead } })
}

function signsOf(messages: Message[], untrustedRead = false) {
  return readSigns(stepOf(messages, untrustedRead)).map(({ sign }) => sign)
}

const asked = [user('Mend the parser'), called('shell', { command: 'npm test' })]

test.each([
  ['Tests  12 passed (12)', ['tool_ok', 'tests_passed']],
  ['===== 5 passed in 0.12s =====', ['tool_ok', 'tests_passed']],
  ['test result: ok. 12 passed; 0 failed; 0 ignored', ['tool_ok', 'tests_passed']],
  ['ok  \texample.com/parser\t0.013s', ['tool_ok', 'tests_passed']],
  ['# pass 12\n# fail 0', ['tool_ok', 'tests_passed']],
  ['Tests  2 failed | 10 passed (12)', ['tool_ok', 'tests_failed']],
  ['--- FAIL: TestParser (0.00s)', ['tool_ok', 'tests_failed']],
  ['# pass 11\n# fail 1', ['tool_ok', 'tests_failed']],
  ['src/parser.ts: 240 lines', ['tool_ok']],
])('readSigns() of the result %j', (text, expected) => {
  expect(signsOf([...asked, result(text)])).toEqual(expected)
})

test('readSigns() believes no text of a result where others may have written it', () => {
  expect(signsOf([...asked, result('12 passed')], true)).toEqual(['tool_ok'])
})

test.each([
  'connect ECONNREFUSED 127.0.0.1:8080',
  'The server failed with HTTP status 503',
  '429 Too Many Requests',
  'Invalid API key',
  '"shell" did not answer within 60 s',
  'Cannot call shell: denied by the policy',
])('readSigns() takes %j for a fault of the surroundings', (text) => {
  expect(signsOf([...asked, result(text, true)])).toEqual([])
})

test('readSigns() takes any other error of a tool for one of the model', () => {
  expect(signsOf([...asked, result('ENOENT: no such file or directory, open parser.tss', true)])).toEqual(['tool_error'])
})

test('readSigns() sees the same call again', () => {
  const again = called('shell', { command: 'npm test' }, 'call_2')

  expect(signsOf([...asked, result('1 line'), again, result('1 line', false, 'call_2')])).toEqual(['tool_ok', 'repeated'])
  expect(signsOf([...asked, result('1 line'), called('shell', { command: 'ls' }, 'call_2'), result('1', false, 'call_2')])).toEqual([
    'tool_ok',
  ])
})

test.each([
  ['No, I meant the other parser', ['corrected']],
  ["That's wrong: it has to be a list", ['corrected']],
  ['this is not what I asked for', ['corrected']],
  ["It still doesn't work", ['corrected']],
  ['You forgot the tests', ['corrected']],
  ['Thanks, that works', ['satisfied']],
  ['Perfect!', ['satisfied']],
  ['Great, but the names are off', []],
  ['mend the parser.', ['retried']],
  ['Now write the documentation', []],
  ['Is there no other way to do it?', []],
])('readSigns() of the next turn %j', (text, expected) => {
  expect(signsOf([user('Mend the parser'), said('Done'), user(text)])).toEqual(expected)
})

test('readSigns() says nothing of a first turn', () => {
  expect(signsOf([user('No, thanks')])).toEqual([])
})

test.each([
  ['The sum in the last row is off', 'wrong', ['corrected']],
  ['That reads so much better than mine', 'satisfied', ['satisfied']],
  ['What does the last row stand for?', 'clarification', []],
  ['Now the next page', undefined, []],
] as const)('readSignsByMeaning() of the next turn %j, said to be %s', async (text, feedback, expected) => {
  const step = stepOf([user('Mend the parser'), said('Done'), user(text)])

  expect((await readSignsByMeaning(step, async () => feedback)).map(({ sign }) => sign)).toEqual(expected)
})

test('readSignsByMeaning() asks nobody of a first turn, nor of a long new request', async () => {
  const asked: string[] = []
  const note = async (text: string) => {
    asked.push(text)
    return 'wrong' as const
  }

  await readSignsByMeaning(stepOf([user('The sum is off')]), note)
  await readSignsByMeaning(stepOf([user('Mend it'), said('Done'), user('word '.repeat(100))]), note)

  expect(asked).toEqual([])
})
