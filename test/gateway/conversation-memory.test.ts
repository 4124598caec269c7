import { describe, expect, test } from 'vitest'
import type { Message } from '../../models/message.ts'
import { createConversationMemory } from '../../src/gateway/conversation-memory.ts'
import { servicesFor } from '../support/services.ts'

const claude = 'anthropic/claude-opus-4-6'
const asks = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

/** Two principals, for each a stored answer and sealed reasoning about an orchard, and one of each about the sea. */
async function setUp() {
  const { services, store, run } = await servicesFor()
  const memory = createConversationMemory(store, Date.now, services.log)
  const seals = new Map<string, string>()
  for (const principal of ['local', 'ben']) {
    for (const about of ['orchard', 'sea']) {
      const raw = { type: 'thinking', thinking: `About the ${about}`, signature: about }
      const part = { type: 'reasoning' as const, text: `About the ${about}`, mintedBy: claude, raw }
      seals.set(`${principal} ${about}`, memory.ledger.seal(principal, part))
      await memory.responses.put(principal, { id: `resp_${about}`, previous: undefined, session: 's', messages: [asks(`The ${about}`)] })
    }
  }
  const request = { system: undefined, tools: [], maxOutputTokens: 9, user: undefined, cacheKey: undefined }
  const sessionOf = (principal: string, messages: Message[]) =>
    memory.sessions.identify(principal, new Headers(), { ...request, messages }).then(({ session }) => session)

  const known = async (principal: string) => {
    const found: string[] = []
    for (const about of ['orchard', 'sea']) {
      const raw = { type: 'reasoning', encrypted_content: seals.get(`${principal} ${about}`) }
      const messages: Message[] = [{ role: 'assistant', content: [{ type: 'reasoning', text: '', mintedBy: '', raw }] }]
      const asked = { principal, client: 'openai-responses', session: undefined, messages } as const
      const view = await memory.ledger.lookup(asked)
      if (view.attribute(messages, claude).length > 0) found.push(`reasoning on the ${about}`)
      if ((await memory.responses.get(principal, `resp_${about}`)) !== undefined) found.push(`answer on the ${about}`)
    }
    return found
  }
  return { known, sessionOf, forget: (wanted: Record<string, unknown>) => run('forget', wanted, {}, { conversationMemory: memory }) }
}

const all = ['reasoning on the orchard', 'answer on the orchard', 'reasoning on the sea', 'answer on the sea']

describe('the operation forget', () => {
  test('removes what holds the words, from the ledger and from stored answers', async () => {
    const { known, forget } = await setUp()
    expect(await known('local')).toEqual(all)

    await forget({ text: 'the orchard' })

    expect(await known('local')).toEqual(['reasoning on the sea', 'answer on the sea'])
    expect(await known('ben')).toEqual(all)
  })

  test('removes a stored answer by its id', async () => {
    const { known, forget } = await setUp()
    await forget({ id: 'resp_sea' })

    expect(await known('local')).toEqual(all.slice(0, 3))
  })

  test('removes everything of a principal, and which conversation a history belongs to', async () => {
    const { known, sessionOf, forget } = await setUp()
    const before = await Promise.all(['local', 'ben'].map((principal) => sessionOf(principal, [asks('a')])))
    await forget({ all: true })

    expect(await known('local')).toEqual([])
    expect(await known('ben')).toEqual(all)
    const after = await Promise.all(['local', 'ben'].map((principal) => sessionOf(principal, [asks('a')])))
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).toBe(before[1])
  })
})
