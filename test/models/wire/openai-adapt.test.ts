import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openaiChat } from '../../../models/wire/openai-chat.ts'
import { openaiResponses } from '../../../models/wire/openai-responses.ts'

const target = (model: string) => ({ deployment: `p/${model}`, model, reasoning: () => 'keep' as const })
const messages = [{ role: 'user', content: 'Hi' }]
const sampling = { temperature: 0, top_p: 0.5, stop: ['END'], logprobs: true, presence_penalty: 0.1 }

describe('openaiChat.rewriteBody() for a client that left the choice of a model to us', () => {
  const rewrite = (body: object, model: string) => openaiChat.rewriteBody({ model: 'signalbox/auto', messages, ...body }, target(model))

  test('leaves out the sampling that models which reason refuse, and gives their limit its new name', () => {
    expect(rewrite({ ...sampling, max_tokens: 9, seed: 1 }, 'gpt-5-mini')).toEqual({
      model: 'signalbox/auto',
      messages,
      seed: 1,
      max_completion_tokens: 9,
    })
  })

  test.each([
    ['gpt-5.2', 'none', 'none'],
    ['gpt-5', 'none', 'minimal'],
    ['o3', 'xhigh', 'high'],
    ['o3', 'strange', 'strange'],
    ['gpt-4.1', 'high', undefined],
    ['gpt-5-chat-latest', 'strange', undefined],
    ['qwen3-32b', 'high', 'high'],
  ])('gives %s for the effort %s the effort %s', (model, effort, expected) => {
    expect(rewrite({ reasoning_effort: effort }, model)['reasoning_effort']).toBe(expected)
  })

  test('changes nothing for other models', () => {
    const body = { model: 'signalbox/auto', messages, ...sampling, max_tokens: 9, parallel_tool_calls: false }

    expect(openaiChat.rewriteBody(body, target('qwen3-32b'))).toBe(body)
  })

  test.each(['gpt-5', 'p/gpt-5'])('lets a client that chose %s itself hear what the model refuses', (model) => {
    const body = { model, messages, ...sampling, max_tokens: 9 }

    expect(openaiChat.rewriteBody(body, target('gpt-5'))).toBe(body)
  })
})

describe('openaiResponses.rewriteBody() for a client that left the choice of a model to us', () => {
  const rewrite = (body: object, model: string) =>
    openaiResponses.rewriteBody({ model: 'signalbox/auto', input: 'Hi', ...body }, target(model))

  test('takes reasoning out for models that never reason, and sampling for those that do', () => {
    const asked = { temperature: 0, reasoning: { effort: 'xhigh', summary: 'auto' }, include: ['reasoning.encrypted_content', 'x'] }

    expect(rewrite(asked, 'gpt-4.1')).toEqual({ model: 'signalbox/auto', input: 'Hi', temperature: 0, include: ['x'] })
    expect(rewrite(asked, 'gpt-5')).toEqual({
      ...{ model: 'signalbox/auto', input: 'Hi', include: asked.include },
      reasoning: { effort: 'high', summary: 'auto' },
    })
  })

  test('changes nothing for a model that takes all of it', () => {
    const body = { model: 'signalbox/auto', input: 'Hi', reasoning: { effort: 'high' }, include: ['reasoning.encrypted_content'] }

    expect(openaiResponses.rewriteBody(body, target('gpt-5'))).toBe(body)
  })
})

test.each([
  ['openai-chat', openaiChat],
  ['openai-responses', openaiResponses],
])('%s: a body that was adapted is not changed again', (_, format) => {
  const field = fc.constantFrom(
    ...[
      'temperature',
      'top_p',
      'stop',
      'max_tokens',
      'max_completion_tokens',
      'reasoning_effort',
      'reasoning',
      'include',
      'parallel_tool_calls',
    ],
  )
  const value = fc.oneof(
    fc.constantFrom('none', 'high', 'xhigh', null),
    fc.jsonValue(),
    fc.record({ effort: fc.constantFrom('none', 'xhigh', 'odd') }),
  )
  fc.assert(
    fc.property(fc.dictionary(field, value), fc.constantFrom('gpt-5', 'gpt-4.1', 'o3', 'qwen3'), (fields, model) => {
      const once = format.rewriteBody(fields, target(model))

      expect(format.rewriteBody(once, target(model))).toBe(once)
    }),
  )
})
