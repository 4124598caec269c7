import { expect, test } from 'vitest'
import { LabelledDataError } from '../../src/evaluation/labelled-rows.ts'
import { parseLabelledTexts } from '../../src/evaluation/labelled-texts.ts'
import { evaluateSignal } from '../../src/evaluation/signals.ts'

const rows = (...labels: readonly string[]) => labels.map((label) => ({ text: label, label }))

/** Says of each text what the map says, and nothing of the rest. */
function saying(told: Readonly<Record<string, string>>) {
  return {
    name: 's',
    cost: 'read' as const,
    type: 'string' as const,
    values: ['', 'a', 'b'],
    read: ({ text }: { text: string }) => ({ value: told[text] ?? '', confidence: told[text] === undefined ? 0.1 : 0.9 }),
  }
}

test('evaluateSignal() counts right labels, missing ones and texts out of scope apart', async () => {
  const data = [...rows('a', 'a', 'b'), { text: 'odd', label: 'b' }, { text: 'strange', label: 'oos' }]

  const evaluation = await evaluateSignal(saying({ a: 'a', b: 'a' }), data)

  expect(evaluation).toMatchObject({
    texts: 5,
    inScope: 4,
    accuracy: 0.5,
    abstained: 0.25,
    accuracyWhereNamed: 2 / 3,
    mostFrequent: 0.5,
    outOfScope: { texts: 1, abstained: 1 },
    labels: [
      { label: 'a', texts: 2, recall: 1, precision: 2 / 3 },
      { label: 'b', texts: 2, recall: 0, precision: undefined },
    ],
  })
  expect(evaluation.outOfScope?.auc).toBeCloseTo(0.875)
})

test('evaluateSignal() shows a signal the answer that a text follows', async () => {
  const seen: number[] = []
  const signal = {
    ...saying({}),
    read: ({ messages }: { messages: number }) => {
      seen.push(messages)
      return { value: '', confidence: 0 }
    },
  }

  await evaluateSignal(signal, [
    { text: 'a', label: 'a' },
    { text: 'a', label: 'a', answer: 'An answer.' },
  ])

  expect(seen).toEqual([1, 3])
})

test('evaluateSignal() stops at a signal that cannot be read, in its own words', async () => {
  const signal = {
    ...saying({}),
    read: () => {
      throw new Error('no model')
    },
  }

  await expect(evaluateSignal(signal, rows('a'))).rejects.toThrow(/"s" could not be read: no model/)
})

test('parseLabelledTexts() refuses each faulty line by its number', () => {
  const content = ['{"text":"x","label":"a"}', '{"text":"x"}', '', '{"text":" ","label":"a"}', 'no'].join('\n')

  expect(() => parseLabelledTexts(content, 'data.jsonl')).toThrow(LabelledDataError)
  expect(() => parseLabelledTexts(content, 'data.jsonl')).toThrow(/line 2: label[\s\S]*line 5/)
  expect(() => parseLabelledTexts('{"text":" ","label":"a"}', 'data.jsonl')).toThrow(/line 1: text must not be blank/)
  expect(() => parseLabelledTexts('\n', 'data.jsonl')).toThrow(/no text/)
})
