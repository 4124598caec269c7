import { describe, expect, test } from 'vitest'
import type { Embedder } from '../../../models/embedder.ts'
import { EmbedderError } from '../../../models/errors.ts'
import type { Message } from '../../../models/message.ts'
import { textOf } from '../../../models/message.ts'
import type { ModelRequest, SourceText } from '../../../models/provider.ts'
import { createExtractive } from '../../../models/providers/extractive.ts'
import { collect, finishOf, user } from '../../contract/provider.ts'

const harbour: SourceText[] = [
  { id: 'turn -3', text: 'The ferry leaves from pier 4. It costs 12 euros for adults. Children travel free.' },
  { id: 'turn -2', text: 'My sister Ines works at the harbour office. My brother Paul does not work there.' },
  { id: 'notes.txt', text: 'Dogs are allowed on the ferry. Bicycles are not allowed on the ferry. Pier 7 is closed until 2027.' },
]

async function ask(question: string, { embedder, ...request }: Partial<ModelRequest> & { embedder?: Embedder } = {}) {
  const events = await collect(
    createExtractive({ embedder }).send({ model: 'sentences', messages: [user(question)], sources: harbour, ...request }),
  )
  const finish = finishOf(events)
  return { events, finish, text: textOf(finish.message.content), quotes: (finish.citations ?? []).map((citation) => citation.text) }
}

/** Near are the texts that hold a word of the same group. */
function grouped(groups: readonly RegExp[]): Embedder {
  return {
    id: 'grouped',
    dimensions: groups.length,
    runtime: undefined,
    embed: async (texts) =>
      texts.map((text) => {
        const vector = Float32Array.from(groups, (group) => (group.test(text) ? 1 : 0))
        const length = Math.hypot(...vector) || 1
        return vector.map((value) => value / length)
      }),
    close: async () => undefined,
  }
}

describe('createExtractive().send()', () => {
  test('answers with sentences of the sources, word for word, says where each stands and that no model was used', async () => {
    const { text, finish } = await ask('Which pier does the ferry leave from?')

    expect(text).toMatch(/^No model was used: these sentences were selected/)
    expect(text).toContain('> The ferry leaves from pier 4. [turn -3]')
    expect(finish.citations).toContainEqual({ source: 'turn -3', text: 'The ferry leaves from pier 4.' })
    for (const { source, text: quote } of finish.citations ?? []) expect(harbour.find(({ id }) => id === source)?.text).toContain(quote)
  })

  test('cites a given file under its own name, though it stands in the message too', async () => {
    const text = 'Dogs are allowed on the ferry.'
    const message = `<file name="dogs.txt">\n${text}\n</file>\n\nAre dogs allowed on the ferry?`

    const { finish } = await ask(message, { sources: [{ id: 'dogs.txt', text }] })

    expect(finish.citations).toEqual([{ source: 'dogs.txt', text }])
  })

  test('the pieces that are streamed are the answer', async () => {
    const { events, text } = await ask('Which pier does the ferry leave from?')

    expect(events[0]).toEqual({ type: 'start' })
    expect(events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')).toBe(text)
  })

  test('spends nothing', async () => {
    expect((await ask('Which pier?')).finish.usage).toEqual({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 })
  })

  test('keeps the order of the sources', async () => {
    const { finish } = await ask('What is allowed on the ferry, and where does the ferry leave?')
    const order = (finish.citations ?? []).map(({ source }) => harbour.findIndex(({ id }) => id === source))

    expect(order.length).toBeGreaterThan(1)
    expect(order).toEqual(order.toSorted())
  })

  test.each([
    ['a number in the question', 'What is said of pier 7?', 'Pier 7 is closed until 2027.'],
    ['a name in the question', 'What does my sister Ines do at work?', 'My sister Ines works at the harbour office.'],
    ['a number wanted', 'How much does it cost?', 'It costs 12 euros for adults.'],
    ['a denial', 'What is not allowed on the ferry?', 'Bicycles are not allowed on the ferry.'],
    ['another form of the words', 'Is a dog allowed?', 'Dogs are allowed on the ferry.'],
  ])('%s finds its sentence', async (_, question, expected) => {
    expect((await ask(question)).quotes).toContain(expected)
  })

  test('says honestly that nothing fits, and quotes nothing then', async () => {
    const { text, finish } = await ask('Who wrote the national anthem of Peru?')

    expect(text).toBe('No model was used: nothing in the given text answers this.')
    expect(finish.citations).toEqual([])
  })

  test('says that there is no text', async () => {
    expect((await ask('Who wrote it?', { sources: [] })).text).toContain('there was no text to select an answer from')
  })

  test('does not repeat its own earlier answers, questions, or the same sentence twice', async () => {
    const sources = [
      ...harbour,
      {
        id: 'turn -1',
        text: 'No model was used: these sentences were selected from the given text.\n\n> The ferry leaves from pier 9. [x]',
      },
      { id: 'turn 0', text: 'Which pier does the ferry leave from? The ferry leaves from pier 4.' },
    ]

    const { quotes } = await ask('Which pier does the ferry leave from?', { sources })

    expect(quotes.filter((quote) => quote === 'The ferry leaves from pier 4.')).toHaveLength(1)
    expect(quotes.join()).not.toContain('pier 9')
    expect(quotes).not.toContain('Which pier does the ferry leave from?')
  })

  test('takes no question that was asked before for its answer, in the same words or nearly', async () => {
    const asked = (text: string) => [{ id: 'turn 1 (user)', text }]

    expect((await ask('Who wrote the anthem of Peru?', { sources: asked('Who wrote the anthem of Peru?') })).quotes).toEqual([])
    expect((await ask('Who wrote the anthem of Peru?', { sources: asked('And who wrote the anthem?') })).quotes).toEqual([])
    expect((await ask('Tell me the anthem of Peru', { sources: asked('tell me the anthem of Peru.') })).quotes).toEqual([])
    expect((await ask('Are dogs allowed on the ferry?')).quotes).toContain('Dogs are allowed on the ferry.')
  })

  test('takes the text that the message brings along, and earlier messages and tool results where there are no sources', async () => {
    const messages: Message[] = [
      user('The tower is 90 metres high.'),
      { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'lookup', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool-result',
            id: 'c',
            name: 'lookup',
            content: [{ type: 'text', text: 'The tower was built in 1887.' }],
            isError: false,
          },
        ],
      },
      user(
        `The tower has three floors. ${'Birds sit on it every day. '.repeat(20)}\n\nHow high is the tower, when was it built and how many floors has it?`,
      ),
    ]

    const { finish } = await ask('', { messages, sources: undefined })

    expect(finish.citations?.slice(0, 3)).toEqual([
      { source: 'message 1', text: 'The tower is 90 metres high.' },
      { source: 'result of lookup', text: 'The tower was built in 1887.' },
      { source: 'prompt', text: 'The tower has three floors.' },
    ])
  })

  test('a summary is what the text comes back to', async () => {
    const text = 'Rivers carry water. Water becomes rain. Rain fills the rivers. Penguins look funny.'

    const { quotes } = await ask(`Summarize this:\n\n${text}`, { sources: [], embedder: grouped([/nothing/]) })

    expect(quotes).toEqual(['Rivers carry water.', 'Water becomes rain.', 'Rain fills the rivers.'])
  })

  test('stays within the limit of tokens, and says so where even the best sentence does not fit', async () => {
    const question = 'What is said of the ferry, the pier and the harbour office?'
    const free = await ask(question)
    const limited = await ask(question, { maxOutputTokens: 40 })
    const tiny = await ask(question, { maxOutputTokens: 20 })

    expect(limited.quotes.length).toBeLessThan(free.quotes.length)
    expect(limited.text.length).toBeLessThanOrEqual(160)
    expect(tiny.finish.finishReason).toBe('length')
    expect(tiny.quotes[0]).toMatch(/…$/)
  })

  test('an embedder finds a sentence that shares no word with the question', async () => {
    const question = 'Is boarding free of charge for kids?'
    const embedder = grouped([/kids|children/i, /dogs/i, /pier/i])
    const sources = [{ id: 'a', text: 'Dogs must be on a leash. Children pay nothing. The pier is long.' }]

    expect((await ask(question, { sources })).quotes).toEqual([])
    expect((await ask(question, { sources, embedder })).quotes).toContain('Children pay nothing.')
  })

  test('goes on by words when the embedder cannot run', async () => {
    const broken = { ...grouped([]), embed: () => Promise.reject(new EmbedderError('no runtime')) }

    expect((await ask('Which pier does the ferry leave from?', { embedder: broken })).quotes).toContain('The ferry leaves from pier 4.')
  })

  test.each([
    ['a response schema', { responseSchema: { type: 'object' } }],
    ['a tool that must be called', { toolChoice: 'required' as const }],
  ])('refuses %s, which it could not follow', async (_, request) => {
    await expect(ask('Which pier?', request)).rejects.toMatchObject({
      name: 'ProviderError',
      kind: 'bad_request',
      deployment: 'extractive/sentences',
    })
  })

  test('rethrows the reason of an abort, before and while it embeds', async () => {
    const reason = new Error('The caller left')
    const controller = new AbortController()
    const aborting: Embedder = {
      ...grouped([/x/]),
      embed: async (texts) => {
        controller.abort(reason)
        return texts.map(() => new Float32Array(1))
      },
    }
    const request = { model: 'sentences', messages: [user('Which pier?')], sources: harbour }

    await expect(collect(createExtractive().send(request, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    await expect(collect(createExtractive({ embedder: aborting }).send(request, { signal: controller.signal }))).rejects.toBe(reason)
  })

  test('forward() is refused: there is no wire format', async () => {
    await expect(createExtractive().forward({ path: '/messages', headers: {}, body: new Uint8Array() })).rejects.toMatchObject({
      kind: 'bad_request',
    })
  })
})
