import { describe, expect, test } from 'vitest'
import type { Message, ToolDefinition } from '../../models/message.ts'
import { isBackground } from '../../src/gateway/background.ts'
import { createSessions, type SessionFacts } from '../../src/gateway/session.ts'
import { mapRows } from '../support/mcp-rows.ts'

const uuid = '74b69374-f42f-465e-a7f7-5fea69cb7b6f'
const codexId = '01a223e8-52bc-74c2-863c-3928be8c48bb'
const quiet = { warn: () => undefined }
const asks = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const tool: ToolDefinition = { name: 'read', description: '', inputSchema: {} }

function facts(given: Partial<SessionFacts> = {}): SessionFacts {
  return { system: undefined, messages: [asks('hi')], tools: [], maxOutputTokens: 100, user: undefined, cacheKey: undefined, ...given }
}

const sessions = createSessions(mapRows(), Date.now, quiet)
const identify = (headers: Record<string, string>, given?: Partial<SessionFacts>, principal = 'ann') =>
  sessions.identify(principal, new Headers(headers), facts(given))

describe('identify()', () => {
  test('takes a session from what Claude Code sends, in its headers as in both shapes of its user id', async () => {
    const inHeader = await identify({ 'X-Claude-Code-Session-Id': uuid })
    const json = JSON.stringify({ device_id: '65793a3a', account_uuid: '', session_id: uuid })
    const inJson = await identify({}, { user: json })
    const inText = await identify({}, { user: `user_65793a3a_account_0b1c_session_${uuid}` })

    expect(inHeader).toEqual({ session: expect.stringMatching(/^se_[\w-]{32}$/), source: 'claude-code', background: false })
    expect([inJson.session, inText.session]).toEqual([inHeader.session, inHeader.session])
    expect([inJson.source, inText.source]).toEqual(['user-id', 'user-id'])
  })

  test('keeps the sub-agents of Claude Code apart from each other and from their parent, which they name', async () => {
    const session = { 'x-claude-code-session-id': uuid }
    const parent = await identify(session)
    const child = await identify({ ...session, 'x-claude-code-agent-id': 'agent-1' })
    const sibling = await identify({ ...session, 'x-claude-code-agent-id': 'agent-2' })
    const grandchild = await identify({ ...session, 'x-claude-code-agent-id': 'agent-3', 'x-claude-code-parent-agent-id': 'agent-1' })

    expect(new Set([parent, child, sibling, grandchild].map((one) => one.session)).size).toBe(4)
    expect([child.parent, sibling.parent, grandchild.parent]).toEqual([parent.session, parent.session, child.session])
    expect(parent.parent).toBeUndefined()
  })

  test('takes a session from what Codex sends, by threads', async () => {
    const headers = { 'session-id': codexId, 'thread-id': codexId, 'x-client-request-id': codexId }
    const root = await identify(headers, { cacheKey: codexId })
    const older = await identify({ session_id: codexId, conversation_id: codexId })
    const thread = await identify({ ...headers, 'thread-id': uuid, 'x-codex-parent-thread-id': codexId })

    expect(root.source).toBe('codex')
    expect(older.session).toBe(root.session)
    expect(thread.session).not.toBe(root.session)
    expect(thread.parent).toBe(root.session)
  })

  test('takes a session from what opencode sends, whose sub-agents have sessions of their own', async () => {
    const parent = await identify({ 'x-session-affinity': 'ses_ddc179ddb', 'x-session-id': 'ses_ddc179ddb' })
    const child = await identify({ 'x-session-affinity': 'ses_1', 'x-session-id': 'ses_1', 'x-parent-session-id': 'ses_ddc179ddb' })

    expect(parent.source).toBe('session-header')
    expect((await identify({ 'x-session-affinity': 'ses_ddc179ddb' })).session).toBe(parent.session)
    expect(child.parent).toBe(parent.session)
  })

  test('takes a cache key for a session only where it can stand for one conversation alone', async () => {
    const one = await identify({}, { cacheKey: uuid })
    const word = await identify({}, { cacheKey: 'my-application-v1' })

    expect(one.source).toBe('cache-key')
    expect((await identify({}, { cacheKey: uuid, messages: [asks('else')] })).session).toBe(one.session)
    expect(word.source).toBe('history')
  })

  test('goes on with the session of the stored answer where the client names none', async () => {
    const previous = { session: 'se_before' }

    expect(await sessions.identify('ann', new Headers(), facts(), previous)).toMatchObject({
      session: 'se_before',
      source: 'previous-response',
    })
    const named = await sessions.identify('ann', new Headers({ 'x-session-id': 's1' }), facts(), previous)
    expect(named.source).toBe('session-header')
    expect((await sessions.identify('ann', new Headers(), facts(), { session: undefined })).source).toBe('history')
  })

  test('gives two principals different sessions for the same name', async () => {
    const names: [Record<string, string>, Partial<SessionFacts>?][] = [
      [{ 'x-claude-code-session-id': uuid }],
      [{ 'session-id': codexId }],
      [{ 'x-session-id': 's' }],
      [{}, { cacheKey: uuid }],
      [{}],
    ]
    for (const [headers, given] of names) {
      expect((await identify(headers, given, 'ann')).session).not.toBe((await identify(headers, given, 'ben')).session)
    }
  })

  test('does not let the end of one name run into the beginning of the next', async () => {
    const first = await identify({ 'x-claude-code-session-id': 'a', 'x-claude-code-agent-id': 'bc' })
    const second = await identify({ 'x-claude-code-session-id': 'ab', 'x-claude-code-agent-id': 'c' })

    expect(first.session).not.toBe(second.session)
  })

  test.each([
    { 'x-session-id': 'a'.repeat(201) },
    { 'x-session-id': 'two words' },
    { 'x-session-id': '' },
    { 'x-claude-code-session-id': 'é' },
  ])('leaves out what cannot be an id: %o', async (headers) => {
    expect((await identify(headers)).source).toBe('history')
  })

  test.each(['{"session_id":', '{"session_id":7}', '{}', 'user_1', `{"session_id":"${'a'.repeat(500)}"}`, `{${' '.repeat(5000)}`])(
    'leaves out a user id that holds no session: %s',
    async (user) => {
      expect((await identify({}, { user })).source).toBe('history')
    },
  )
})

describe('isBackground()', () => {
  const none = new Headers()

  test.each<[string, Partial<SessionFacts>, Record<string, string>?]>([
    ['the quota probe of Claude Code', { messages: [asks('quota')], maxOutputTokens: 1 }],
    ['its look at a key', { messages: [asks('test')], maxOutputTokens: 1 }],
    [
      'its title',
      {
        system:
          'x-anthropic-billing-header: cc_version=2.1.197.123;\n\nGenerate a concise, sentence-case title (3-7 words) that captures the main topic',
      },
    ],
    ['the title of opencode', { system: 'You are a title generator. You output ONLY a thread title. Nothing else.' }],
    ['the memory of Codex', { tools: [tool] }, { 'x-openai-memgen-request': 'true' }],
    ['its order', { tools: [tool] }, { 'x-openai-subagent': 'memory_consolidation' }],
  ])('says yes to %s', (_, given, headers) => {
    expect(isBackground(facts(given), new Headers(headers))).toBe(true)
  })

  test.each<[string, Partial<SessionFacts>, Record<string, string>?]>([
    ['a question of one token', { messages: [asks('yes or no?')], maxOutputTokens: 1 }],
    ['the word with room for an answer', { messages: [asks('quota')], maxOutputTokens: 100 }],
    ['the word with tools', { messages: [asks('quota')], maxOutputTokens: 1, tools: [tool] }],
    ['words about titles far down in a text', { system: `${'x'.repeat(5000)}Generate a concise, sentence-case title (3-7 words)` }],
    ['an agent that can make titles', { system: 'You are a title generator.', tools: [tool] }],
    ['a summary that the work goes on from', { system: 'You are a helpful AI assistant tasked with summarizing conversations.' }],
    ['another agent of Codex', {}, { 'x-openai-subagent': 'review' }],
  ])('says no to %s', (_, given, headers) => {
    expect(isBackground(facts(given), headers === undefined ? none : new Headers(headers))).toBe(false)
  })
})
