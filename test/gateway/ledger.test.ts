import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryError, openSqliteStore, type RowStore } from '../../memory/index.ts'
import type { Message, Part, ReasoningPart, ToolCallPart } from '../../models/message.ts'
import type { ClientFormatName } from '../../models/wire/client-format.ts'
import { createLedger, type Ledger, type LedgerOptions } from '../../src/gateway/ledger.ts'
import { formatOf } from '../../src/gateway/reasoning-key.ts'
import { mapRows } from '../support/mcp-rows.ts'

const formats: readonly ClientFormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']
const claude = 'anthropic/claude-opus-4-6'
const gpt = 'openai/gpt-5'
const providers: Record<string, ClientFormatName> = {
  [claude]: 'anthropic-messages',
  'bedrock/claude-opus-4-6': 'anthropic-messages',
  [gpt]: 'openai-responses',
  'deepseek/reasoner': 'openai-chat',
  'gemini/gemini-3-pro': 'openai-chat',
}
const deployments = Object.keys(providers)
const quiet = { warn: () => undefined }
const text = (said: string): Part => ({ type: 'text', text: said })
const user = (...content: Part[]): Message => ({ role: 'user', content })

function ledgerOver(rows: RowStore, options?: LedgerOptions): Ledger {
  return createLedger(rows, Date.now, quiet, options)
}

/** Reasoning as the provider of this deployment sends it. */
function minted(deployment: string, id: string, before?: ToolCallPart): ReasoningPart {
  const thought = `thought ${id}`
  const part = (raw: unknown, shown = thought): ReasoningPart => ({ type: 'reasoning', text: shown, mintedBy: deployment, raw })
  if (deployment.startsWith('gemini') && before !== undefined) {
    return part({ callId: before.id, extra: { google: { thought_signature: `sig-${id}` } } }, '')
  }
  switch (providers[deployment]) {
    case 'anthropic-messages':
      return id.endsWith('0')
        ? part({ type: 'redacted_thinking', data: `data-${id}` }, '')
        : part({ type: 'thinking', thinking: thought, signature: `sig-${id}` })
    case 'openai-responses':
      return part({ type: 'reasoning', id: `rs_${id}`, summary: [], encrypted_content: `enc-${id}` }, '')
    default:
      return part({ field: 'reasoning_content', text: thought })
  }
}

/** What a client of this format has of an answer when it sends it back. */
function givenBack(ledger: Ledger, client: ClientFormatName, answer: Message, echoes = false): Message {
  if (client === 'openai-chat' && echoes) {
    const thought = reasoningOf([answer]).map((part) => part.text)
    const joined = thought.filter((one) => one !== '').join('\n\n')
    const rest = answer.content.filter(({ type }) => type !== 'reasoning')
    const raw = { field: 'reasoning_content', text: joined }
    return { ...answer, content: [...(joined === '' ? [] : [{ type: 'reasoning' as const, text: joined, mintedBy: '', raw }]), ...rest] }
  }
  const content = answer.content.flatMap((part): Part[] => {
    if (part.type !== 'reasoning') return [part]
    const back = (raw: unknown): Part[] => [{ type: 'reasoning', text: part.text, mintedBy: '', raw }]
    if (formatOf(part.raw) === client) return back(part.raw)
    if (client === 'openai-chat') return []
    const seal = ledger.seal('ann', part)
    if (client === 'anthropic-messages') return back({ type: 'thinking', thinking: part.text, signature: seal })
    return back({ type: 'reasoning', id: 'rs_x', summary: [], encrypted_content: seal })
  })
  return { ...answer, content }
}

interface PlannedAnswer {
  deployment: string
  thinks: boolean
  says: boolean
  calls: number
  counts: boolean
}

const plannedAnswer = fc.record<PlannedAnswer>({
  deployment: fc.constantFrom(...deployments),
  thinks: fc.boolean(),
  says: fc.boolean(),
  calls: fc.integer({ min: 0, max: 2 }),
  counts: fc.boolean(),
})

/** An answer of a model, numbered within its conversation so that nothing of it comes twice. */
function answerOf({ deployment, thinks, says, calls, counts }: PlannedAnswer, number: number): Message {
  const content: Part[] = []
  if (thinks && !deployment.startsWith('gemini')) content.push(minted(deployment, `${deployment}-${number}`))
  if (says || calls === 0) content.push(text(`says ${number}`))
  for (let index = 0; index < calls; index += 1) {
    const id = counts ? `functions.read:${number}` : `call_${number}x${index}abcdefgh`
    const call: ToolCallPart = { type: 'tool-call', id: counts ? `${id}-${index}` : id, name: 'read', input: { b: number, a: index } }
    if (thinks && (index > 0 || deployment.startsWith('gemini'))) content.push(minted(deployment, `${deployment}-${number}-${index}`, call))
    content.push(call)
  }
  return { role: 'assistant', content }
}

function afterAnswer({ content }: Message, number: number): Message {
  const results = content.flatMap((part): Part[] =>
    part.type === 'tool-call' ? [{ type: 'tool-result', id: part.id, name: part.name, content: [], isError: false }] : [],
  )
  return user(...(results.length > 0 ? results : [text(`asks ${number}`)]))
}

const reasoningOf = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) => content.filter((part): part is ReasoningPart => part.type === 'reasoning'))
const callsAndResults = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) => content.filter(({ type }) => type === 'tool-call' || type === 'tool-result'))
const textsOf = (messages: readonly Message[]) => messages.flatMap(({ content }) => content.filter(({ type }) => type === 'text'))

describe('attribute()', () => {
  const conversations = fc.record({
    client: fc.constantFrom(...formats),
    /** Whether a client of Chat Completions gives the plain text of the reasoning back. */
    echoes: fc.boolean(),
    answers: fc.array(plannedAnswer, { minLength: 1, maxLength: 7 }),
    /** How little memory holds, so that some of it is read from the store. */
    mostEntries: fc.constantFrom(2, 1000),
  })

  test('gives each deployment its own reasoning and nothing else, whoever answered when and whatever the client speaks', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, async ({ client, echoes, answers, mostEntries }) => {
        const ledger = ledgerOver(mapRows(), { mostEntries })
        const history: Message[] = [user(text('asks'))]
        const before = new Map<string, readonly Message[]>()
        const all: ReasoningPart[] = []

        for (const [number, planned] of answers.entries()) {
          const answer = answerOf(planned, number)
          ledger.record({ principal: 'ann', deployment: planned.deployment, client, session: 's', message: answer })
          all.push(...reasoningOf([answer]))
          history.push(givenBack(ledger, client, answer, echoes), afterAnswer(answer, number))

          const view = await ledger.lookup({ principal: 'ann', client, session: 's', messages: history })
          for (const target of deployments) {
            const rewritten = view.attribute(history, target)
            const own = all.filter((part) => part.mintedBy === target)
            const kept = reasoningOf(rewritten)

            // Nothing is made up, nothing of another is left, and it stands in the order in which it was minted.
            expect(kept.every((part) => own.some(({ raw }) => JSON.stringify(raw) === JSON.stringify(part.raw)))).toBe(true)
            expect(kept.every(({ mintedBy }) => mintedBy === target)).toBe(true)
            const order = kept.map(({ raw }) => own.findIndex((part) => JSON.stringify(part.raw) === JSON.stringify(raw)))
            expect(order).toEqual(order.toSorted((a, b) => a - b))
            // A client of Chat Completions gives back what it can; the rest is known by the calls.
            if (client !== 'openai-chat') expect(kept.map(({ raw }) => raw)).toEqual(own.map(({ raw }) => raw))
            // No call loses its result, no result its call, and no word is lost.
            expect(callsAndResults(rewritten)).toEqual(callsAndResults(history))
            expect(textsOf(rewritten)).toEqual(textsOf(history))
            expect(rewritten.every(({ content }) => content.length > 0)).toBe(true)
            expect(view.attribute(rewritten, target)).toBe(rewritten)
            // What was sent last time stands in front again.
            const last = before.get(target) ?? []
            expect(rewritten.slice(0, last.length)).toEqual(last)
            before.set(target, [...rewritten])
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('gives a model back what it thought before its calls, though the client of Chat Completions never had it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plannedAnswer, { minLength: 1, maxLength: 5 }), fc.boolean(), async (answers, echoes) => {
        const ledger = ledgerOver(mapRows())
        const full: Message[] = [user(text('asks'))]
        const seen: Message[] = [user(text('asks'))]
        for (const [number, planned] of answers.entries()) {
          const answer = answerOf({ ...planned, deployment: claude, calls: Math.max(1, planned.calls) }, number)
          ledger.record({ principal: 'ann', deployment: claude, client: 'openai-chat', session: 's', message: answer })
          full.push(answer, afterAnswer(answer, number))
          seen.push(givenBack(ledger, 'openai-chat', answer, echoes), afterAnswer(answer, number))
        }

        const view = await ledger.lookup({ principal: 'ann', client: 'openai-chat', session: 's', messages: seen })

        expect(view.attribute(seen, claude)).toEqual(full)
        expect(view.lacksThought(seen, claude)).toBe(reasoningOf(full).length > 0)
        expect(view.lacksThought(seen, gpt)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('knows reasoning of another format by the plain text that a client of Chat Completions gives back of it', async () => {
    const ledger = ledgerOver(mapRows())
    const answer: Message = { role: 'assistant', content: [minted(claude, '1'), text('says')] }
    const asked = { principal: 'ann', client: 'openai-chat', session: undefined } as const
    ledger.record({ ...asked, deployment: claude, message: answer })
    const messages = [givenBack(ledger, 'openai-chat', answer, true)]

    const view = await ledger.lookup({ ...asked, messages })

    expect(view.attribute(messages, claude)).toEqual([answer])
    expect(reasoningOf(view.attribute(messages, gpt))).toEqual([])
  })

  test('keeps apart what two conversations of one principal called alike', async () => {
    const ledger = ledgerOver(mapRows())
    const call: ToolCallPart = { type: 'tool-call', id: 'functions.read:0', name: 'read', input: { b: 1, a: 2 } }
    const answer = (id: string): Message => ({ role: 'assistant', content: [minted(claude, id), call] })
    for (const session of ['one', 'two']) {
      ledger.record({ principal: 'ann', deployment: claude, client: 'openai-chat', session, message: answer(session) })
    }
    // Another client's library sorts the keys.
    const back: Message[] = [user(text('asks')), { role: 'assistant', content: [{ ...call, input: { a: 2, b: 1 } }] }]
    const rewrittenIn = async (session: string | undefined) => {
      const view = await ledger.lookup({ principal: 'ann', client: 'openai-chat', session, messages: back })
      return reasoningOf(view.attribute(back, claude)).map(({ text: thought }) => thought)
    }

    expect(await rewrittenIn('one')).toEqual(['thought one'])
    expect(await rewrittenIn('two')).toEqual(['thought two'])
    expect(await rewrittenIn('three')).toEqual([])
    expect(await rewrittenIn(undefined)).toEqual([])
  })

  test('puts nothing back for a call that was made twice, since nobody can tell which of them it was', async () => {
    const ledger = ledgerOver(mapRows())
    const call: ToolCallPart = { type: 'tool-call', id: 'functions.read:0', name: 'read', input: {} }
    for (const id of ['first', 'second']) {
      const message: Message = { role: 'assistant', content: [minted(claude, id), call] }
      ledger.record({ principal: 'ann', deployment: claude, client: 'openai-chat', session: 's', message })
    }
    const back: Message[] = [user(text('asks')), { role: 'assistant', content: [call] }]

    const view = await ledger.lookup({ principal: 'ann', client: 'openai-chat', session: 's', messages: back })

    expect(view.attribute(back, claude)).toBe(back)
  })

  test('leaves out what was made up, and what was given to another principal', async () => {
    const ledger = ledgerOver(mapRows())
    const part = minted(gpt, 'a')
    const seal = ledger.seal('ann', part)
    const back = (signature: string): Message[] => [
      user(text('asks')),
      {
        role: 'assistant',
        content: [{ type: 'reasoning', text: '', mintedBy: '', raw: { type: 'thinking', thinking: '', signature } }, text('says')],
      },
    ]
    const asked = { client: 'anthropic-messages', session: undefined } as const
    const view = async (principal: string, messages: Message[]) => ledger.lookup({ ...asked, principal, messages })

    const own = back(seal)
    expect(reasoningOf((await view('ann', own)).attribute(own, gpt))).toEqual([part])
    const stolen = await view('mallory', own)
    const unknown = await view('mallory', back('sbx1_made-up'))
    expect(reasoningOf(stolen.attribute(own, gpt))).toEqual([])
    expect(stolen.fateFor(gpt)({ type: 'thinking', signature: seal })).toBe('drop')
    expect(unknown.fateFor(gpt)({ type: 'thinking', signature: 'sbx1_made-up' })).toBe('drop')
  })
})

describe('fateFor()', () => {
  test('keeps what the deployment minted and what nobody knows, and drops what another minted', async () => {
    for (const format of formats) {
      const ledger = ledgerOver(mapRows())
      const [own = '', other = ''] = [...deployments.filter((one) => providers[one] === format), 'openai/gpt-5-mini']
      const part = minted(own, '1')
      ledger.record({
        principal: 'ann',
        deployment: own,
        client: format,
        session: undefined,
        message: { role: 'assistant', content: [part] },
      })
      const unknown = { ...minted(own, '2'), mintedBy: '' }
      const messages: Message[] = [{ role: 'assistant', content: [{ ...part, mintedBy: '' }, unknown] }]

      const view = await ledger.lookup({ principal: 'ann', client: format, session: undefined, messages })

      expect([own, other].map((target) => view.fateFor(target)(part.raw))).toEqual(['keep', 'drop'])
      expect([own, other].map((target) => view.fateFor(target)(unknown.raw))).toEqual(['keep', 'keep'])
      expect(reasoningOf(view.attribute(messages, own))).toEqual([part])
    }
  })

  test('puts back what a seal stands for, and only for whoever minted it', async () => {
    const ledger = ledgerOver(mapRows())
    const part = minted(gpt, '1')
    const raw = { type: 'redacted_thinking', data: ledger.seal('ann', part) }
    const messages: Message[] = [{ role: 'assistant', content: [{ type: 'reasoning', text: '', mintedBy: '', raw }] }]

    const view = await ledger.lookup({ principal: 'ann', client: 'anthropic-messages', session: undefined, messages })

    expect(view.fateFor(gpt)(raw)).toEqual({ original: part.raw })
    expect(view.fateFor(claude)(raw)).toBe('drop')
  })

  test('knows an item without its content by its id, and does not take the id for the content', async () => {
    const ledger = ledgerOver(mapRows())
    const part = minted(gpt, '1')
    const item = part.raw as Record<string, unknown>
    const message: Message = { role: 'assistant', content: [part] }
    ledger.record({ principal: 'ann', deployment: gpt, client: 'openai-responses', session: undefined, message })
    const { encrypted_content: _, ...bare } = item
    const changed = { ...item, encrypted_content: 'enc-changed' }
    const messages: Message[] = [bare, changed].map((raw) => ({
      role: 'assistant',
      content: [{ type: 'reasoning', text: '', mintedBy: '', raw }],
    }))

    const view = await ledger.lookup({ principal: 'ann', client: 'openai-responses', session: undefined, messages })

    expect([bare, changed].map(view.fateFor(gpt))).toEqual(['keep', 'keep'])
    expect([bare, changed].map(view.fateFor('openai/gpt-5-mini'))).toEqual(['drop', 'keep'])
    expect(view.attribute(messages, gpt)).toEqual([])
  })
})

test('seal() gives the same part the same token, in the next process too, and other parts and principals other ones', async () => {
  const rows = mapRows()
  const part = minted(gpt, '1')
  const first = ledgerOver(rows)
  const token = first.seal('ann', part)
  await first.close()
  const next = ledgerOver(rows)

  expect(token).toMatch(/^sbx1_[\w-]{32}$/)
  expect(next.seal('ann', part)).toBe(token)
  expect(
    new Set([token, next.seal('ben', part), next.seal('ann', minted(gpt, '2')), next.seal('ann', { ...part, mintedBy: claude })]).size,
  ).toBe(4)
})

test('a ledger knows after a restart what it knew before, until two weeks are over', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  let now = Date.now()
  const open = () => createLedger(store.rows, () => now, quiet)
  const message: Message = { role: 'assistant', content: [minted(claude, '1')] }
  const asked = { principal: 'ann', client: 'anthropic-messages', session: undefined } as const
  const before = open()
  before.record({ ...asked, deployment: claude, message })
  await before.close()
  const messages: Message[] = [{ role: 'assistant', content: [{ ...minted(claude, '1'), mintedBy: '' }] }]
  const known = async () => reasoningOf((await open().lookup({ ...asked, messages })).attribute(messages, claude))

  expect(await known()).toHaveLength(1)
  now += 15 * 86_400_000
  expect(await known()).toEqual([])
  await store.close()
})

test('a store that fails costs the ledger only what memory does not hold, and is said once', async () => {
  const refuse = async () => {
    throw new MemoryError('Cannot write', { code: 'memory_unavailable', operation: 'write' })
  }
  const warned: string[] = []
  const rows: RowStore = { ...mapRows(), getAll: refuse, putAll: refuse }
  const ledger = createLedger(rows, Date.now, { warn: (said) => warned.push(said) })
  const message: Message = { role: 'assistant', content: [minted(claude, '1'), text('says')] }
  const asked = { principal: 'ann', client: 'anthropic-messages', session: undefined } as const
  ledger.record({ ...asked, deployment: claude, message })
  const back = (id: string): Message[] => [{ role: 'assistant', content: [{ ...minted(claude, id), mintedBy: '' }, text('says')] }]

  const view = await ledger.lookup({ ...asked, messages: [...back('1'), ...back('2')] })
  await ledger.close()

  expect(reasoningOf(view.attribute([...back('1'), ...back('2')], claude))).toHaveLength(1)
  expect(warned).toHaveLength(1)
})

test('forget() removes what is meant from memory and from the store, of this principal alone', async () => {
  const rows = mapRows()
  const ledger = ledgerOver(rows)
  const seals = ['ann', 'ben'].map((principal) => ledger.seal(principal, minted(claude, 'secret')))
  await ledger.forget('ann', (value) => JSON.stringify(value).includes('secret'))
  await ledger.close()

  const known = async (principal: string, signature: string | undefined) => {
    const raw = { type: 'thinking', thinking: '', signature }
    const messages: Message[] = [{ role: 'assistant', content: [{ type: 'reasoning', text: '', mintedBy: '', raw }, text('x')] }]
    const view = await ledgerOver(rows).lookup({ principal, client: 'openai-responses', session: undefined, messages })
    return reasoningOf(view.attribute(messages, claude)).length
  }
  expect(await known('ann', seals[0])).toBe(0)
  expect(await known('ben', seals[1])).toBe(1)
})
