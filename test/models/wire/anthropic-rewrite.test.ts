import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anthropicMessages } from '../../../models/wire/anthropic-messages.ts'
import type { ReasoningFate, RewriteTarget } from '../../../models/wire/client-format.ts'

type Body = Record<string, unknown>
type Block = Record<string, unknown>

const target = (reasoning: (raw: unknown) => ReasoningFate): RewriteTarget => ({
  deployment: 'cloud/m',
  model: 'claude-sonnet-4-5',
  reasoning,
})
const keeps = target(() => 'keep')
const drops = target(() => 'drop')

const thinking = (words: string): Block => ({ type: 'thinking', thinking: words, signature: `signed ${words}` })
const says = (words: string): Block => ({ type: 'text', text: words })
const call = (id: string): Block => ({ type: 'tool_use', id, name: 'look', input: {} })
const result = (id: string): Block => ({ type: 'tool_result', tool_use_id: id, content: 'seen' })
const user = (...content: Block[]) => ({ role: 'user', content })
const assistant = (...content: Block[]) => ({ role: 'assistant', content })
const asked = 'claude-sonnet-4-5'
const bodyOf = (...messages: object[]): Body => ({ model: asked, max_tokens: 9000, messages })
const manual = { thinking: { type: 'enabled', budget_tokens: 2048 } }
const rewrite = anthropicMessages.rewriteBody

describe('anthropicMessages.rewriteBody()', () => {
  test('is the same object where nothing is to be changed', () => {
    const body = bodyOf({ role: 'user', content: 'Hi' }, assistant(thinking('a'), call('toolu_1')), user(result('toolu_1')))

    expect(rewrite(body, keeps)).toBe(body)
    expect(rewrite({ ...body, messages: 7 }, drops)).toEqual({ ...body, messages: 7 })
  })

  test('drops thinking, and shares what it does not touch', () => {
    const body = bodyOf(user(says('Hi')), assistant(thinking('a'), says('Yes')), user(says('Go on')))

    const rewritten = rewrite(body, drops)

    expect(rewritten).toEqual(bodyOf(user(says('Hi')), assistant(says('Yes')), user(says('Go on'))))
    expect((rewritten['messages'] as object[])[0]).toBe((body['messages'] as object[])[0])
  })

  test('puts what the model sent in the place of what stood for it', () => {
    const original = { type: 'redacted_thinking', data: 'cmVk' }
    const body = bodyOf(user(says('Hi')), assistant(thinking('a'), says('Yes')))

    expect(
      rewrite(
        body,
        target(() => ({ original })),
      ),
    ).toEqual(bodyOf(user(says('Hi')), assistant(original, says('Yes'))))
  })

  test('a turn that held nothing else goes, unless two of the same role would meet', () => {
    expect(rewrite(bodyOf(user(says('Hi')), assistant(thinking('a'))), drops)).toEqual(bodyOf(user(says('Hi'))))
    expect(rewrite(bodyOf(user(says('Hi')), assistant(thinking('a')), user(says('So?'))), drops)).toEqual(
      bodyOf(user(says('Hi')), assistant(says('(no answer)')), user(says('So?'))),
    )
  })

  test('gives calls ids that the format takes, the same for a call and its result', () => {
    const ids = ['functions.look:0', 'toolu_1', 'x'.repeat(80)]
    const body = bodyOf(user(says('Hi')), assistant(...ids.map(call)), user(...ids.map(result)))

    const [, called, answered] = rewrite(body, keeps)['messages'] as { content: Block[] }[]

    const made = called?.content.map((block) => block['id'])
    expect(made).toEqual(answered?.content.map((block) => block['tool_use_id']))
    expect(made?.[1]).toBe('toolu_1')
    for (const id of made ?? []) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
  })

  describe('manual thinking', () => {
    const loop = (...first: Block[]): Body => ({
      ...bodyOf(
        user(says('Hi')),
        assistant(...first, call('a')),
        user(result('a'), says('(reminder)')),
        assistant(call('b')),
        user(result('b')),
      ),
      ...manual,
    })

    test('is left out where the running tool loop does not begin with it any more', () => {
      expect(rewrite(loop(thinking('a')), keeps)).toHaveProperty('thinking')
      expect(rewrite(loop(thinking('a')), drops)).not.toHaveProperty('thinking')
    })

    test('is left out where another model began the loop without', () => {
      const body = loop()

      expect(rewrite(body, keeps)).toEqual({ ...body, thinking: undefined })
      expect(rewrite(body, keeps)['messages']).toBe(body['messages'])
    })

    test('stays with a new turn of the user', () => {
      const messages = [...(loop()['messages'] as object[]), assistant(says('Done')), user(says('Next'))]

      expect(rewrite({ ...loop(), messages }, drops)).toHaveProperty('thinking')
    })

    test('goes together with the edits of thinking that it allows', () => {
      const other = { type: 'clear_tool_uses_20250919' }
      const edits = [{ type: 'clear_thinking_20251015', keep: 'all' }, other]

      expect(rewrite({ ...loop(), context_management: { edits } }, drops)['context_management']).toEqual({ edits: [other] })
      expect(rewrite({ ...loop(), context_management: { edits: edits.slice(0, 1) } }, drops)).not.toHaveProperty('context_management')
    })

    test('adaptive thinking is never left out', () => {
      expect(rewrite({ ...loop(), thinking: { type: 'adaptive' } }, drops)).toHaveProperty('thinking')
    })
  })

  describe('for another model than the one that was asked for', () => {
    const fitted = (model: string, fields: Body, maxTokens = 32_000) => {
      const body = { model: 'claude-opus-5', max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hi' }], ...fields }
      const { model: _, messages, max_tokens: __, ...rest } = rewrite(body, { ...keeps, model })
      expect(messages).toBe(body.messages)
      return rest
    }
    const adaptive = { type: 'adaptive' }
    const budget = (budget_tokens: number) => ({ type: 'enabled', budget_tokens })

    test.each([
      ['claude-haiku-4-5', { thinking: adaptive, output_config: { effort: 'low' } }, { thinking: budget(2048) }],
      ['claude-haiku-4-5', { thinking: { ...adaptive, display: 'omitted' } }, { thinking: budget(16_384) }],
      ['claude-haiku-4-5', { thinking: adaptive, temperature: 1, top_k: 5 }, { thinking: budget(16_384) }],
      ['claude-haiku-4-5', { thinking: { type: 'disabled' }, temperature: 0.2 }, { thinking: { type: 'disabled' }, temperature: 0.2 }],
      ['claude-haiku-4-5', { temperature: 0.2, top_p: 0.9 }, { temperature: 0.2 }],
      ['claude-haiku-4-5', { thinking: adaptive, tool_choice: { type: 'any' } }, { tool_choice: { type: 'any' } }],
      ['claude-3-5-haiku-latest', { thinking: adaptive, output_config: { effort: 'high', format: 1 } }, { output_config: { format: 1 } }],
      [
        'claude-opus-4-6',
        { thinking: adaptive, output_config: { effort: 'xhigh' } },
        { thinking: adaptive, output_config: { effort: 'high' } },
      ],
      ['claude-opus-4-6', { thinking: budget(2000) }, { thinking: budget(2000) }],
      ['claude-opus-4-7', { thinking: budget(2000) }, { thinking: adaptive, output_config: { effort: 'low' } }],
      ['claude-opus-4-7', { thinking: { type: 'disabled' }, temperature: 1 }, {}],
      ['claude-fable-5', { thinking: { type: 'disabled' } }, {}],
      ['claude-sonnet-5', { thinking: { type: 'disabled' } }, { thinking: { type: 'disabled' } }],
      ['claude-opus-5-5', { tool_choice: { type: 'tool', name: 'go' } }, { tool_choice: { type: 'auto' } }],
      ['kimi-k2', { thinking: adaptive, output_config: { effort: 'low' } }, { thinking: budget(2048), output_config: { effort: 'low' } }],
    ] as const)('%s, of %j', (model, fields, expected) => {
      expect(fitted(model, fields)).toEqual(expected)
    })

    test('a budget stays below the limit of the answer, and below what the model can', () => {
      expect(fitted('claude-haiku-4-5', { thinking: adaptive }, 5000)).toEqual({ thinking: budget(4999) })
      expect(fitted('claude-haiku-4-5', { thinking: adaptive }, 1000)).toEqual({})
      expect(fitted('claude-opus-4-1', { thinking: budget(60_000) }, 128_000)).toEqual({ thinking: budget(31_999) })
    })

    test('edits of thinking go with it', () => {
      const edits = [{ type: 'clear_thinking_20251015' }]

      expect(fitted('claude-3-5-haiku-latest', { thinking: adaptive, context_management: { edits } })).toEqual({})
    })

    test('nothing is changed that it takes', () => {
      const body = {
        ...bodyOf(user(says('Hi'))),
        model: 'signalbox/auto',
        thinking: adaptive,
        tool_choice: { type: 'any' },
        output_config: { effort: 'max' },
      }

      expect(rewrite(body, { ...keeps, model: 'claude-opus-5' })).toBe(body)
    })
  })

  test('rewriting once is rewriting twice, no call or result is left alone, and all that is not concerned stays', () => {
    const id = fc.oneof(fc.constantFrom('toolu_1', 'functions.a:0', 'functions.a:1', 'a b', 'x'.repeat(70)), fc.string({ minLength: 1 }))
    const step = fc.record({
      thoughts: fc.array(fc.constantFrom('mine', 'theirs', 'sealed'), { maxLength: 2 }),
      ids: fc.uniqueArray(id, { maxLength: 3 }),
      words: fc.constantFrom('', 'Yes'),
    })
    const fate = (raw: unknown): ReasoningFate => {
      const words = (raw as { thinking: string }).thinking
      return words === 'mine' ? 'keep' : words === 'sealed' ? { original: thinking('mine') } : 'drop'
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.boolean(), (steps, thinks) => {
        const messages = steps.flatMap(({ thoughts, ids, words }) => [
          assistant(...thoughts.map(thinking), ...(words === '' ? [] : [says(words)]), ...ids.map(call)),
          ids.length > 0 ? user(...ids.map(result)) : user(says('And?')),
        ])
        const body: Body = { ...bodyOf(user(says('Hi')), ...messages), ...(thinks && manual), other: { kept: true } }
        const before = structuredClone(body)

        const rewritten = rewrite(body, target(fate))

        expect(body).toEqual(before)
        expect(rewrite(rewritten, target(fate))).toEqual(rewritten)
        const blocks = (rewritten['messages'] as { content: Block[] }[]).map(({ content }) => content)
        const originals = body['messages'] as { content: Block[] }[]
        expect(blocks.flat().filter((block) => block['thinking'] === 'theirs' || block['thinking'] === 'sealed')).toEqual([])
        for (const [index, content] of blocks.entries()) {
          if (blocks.length === originals.length && originals[index]?.content.length === 0) continue
          expect(content.length).toBeGreaterThan(0)
          const called = content.filter(({ type }) => type === 'tool_use').map((block) => block['id'])
          expect(new Set(called).size).toBe(called.length)
          if (called.length > 0) expect(blocks[index + 1]?.map((block) => block['tool_use_id'])).toEqual(called)
        }
        expect(rewritten['other']).toBe(body['other'])
      }),
      { numRuns: 500 },
    )
  })
})
