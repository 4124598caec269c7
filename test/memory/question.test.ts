import { expect, test } from 'vitest'
import { readQuestion } from '../../memory/question.ts'
import { sentencesOf, speakerOf } from '../../memory/sentences.ts'
import type { DocumentStore } from '../../memory/store.ts'
import { timeIn } from '../../memory/time-words.ts'

// A Thursday.
const now = Date.parse('2026-03-05T10:00:00Z')
const ann = { speakers: async (_: string, names: readonly string[]) => names.filter((name) => name === 'Ann') } as unknown as DocumentStore
const read = (query: string) => readQuestion(ann, 'p', query, now)

test.each([
  ["What is Ann's dog called?", ['ann'], 'What is dog called?'],
  ['What did Bob tell Ann in Rome?', ['ann'], 'What did Bob tell in Rome?'],
  ['Ann', ['ann'], 'Ann'],
  ['Anna Annie anne', [], 'Anna Annie anne'],
])('readQuestion() of %j knows who speaks in this memory, and keeps them out of the meaning', async (query, speakers, meaning) => {
  await expect(read(query)).resolves.toMatchObject({ speakers, meaning })
})

test.each([
  ['When do we leave?', 'We go on Monday', 'We go soon'],
  ['How many are there?', 'There are nineteen', 'There are a lot'],
  ['how long did it take?', 'Two and a half years', 'Rather long'],
  ['From which city is she?', 'She is from Lyon', 'She will not say'],
  ['Tell me who won', 'It was Beatrix', 'It was her'],
])('readQuestion() of %j tells texts that hold an answer of its kind', async (query, holding, other) => {
  const { holdsAnswer } = await read(query)

  expect([holdsAnswer?.(holding), holdsAnswer?.(other)]).toEqual([true, false])
})

test('readQuestion() expects no kind of answer where the word asks for nothing', async () => {
  expect((await read('Which club has people who sail when it rains?')).holdsAnswer).toBeUndefined()
})

test.each([
  ['what did we say last Tuesday', '2026-03-03', '2026-02-24'],
  ['what was said yesterday', '2026-03-04', '2026-03-01'],
  ['what happened in May', '2025-05-20', '2025-06-20'],
  ['plans of March 2024', '2024-03-10', '2026-03-03'],
  ['all of 2024', '2024-12-30', '2025-02-01'],
  ['the talk 3 weeks ago', '2026-02-12', '2026-03-01'],
  ['the talk last month', '2026-02-01', '2026-03-04'],
])('timeIn(%j) holds for %s and not for %s', (query, then, otherwise) => {
  const isThen = timeIn(query, now)

  expect([isThen?.(Date.parse(`${then}T12:00:00Z`)), isThen?.(Date.parse(`${otherwise}T12:00:00Z`))]).toEqual([true, false])
})

test.each(['may I ask', 'the march of time', 'nothing of the kind'])('timeIn(%j) names no time', (query) => {
  expect(timeIn(query, now)).toBeUndefined()
})

test('speakerOf() reads a name before a colon, and nothing else that a colon follows', () => {
  expect(['Ann: hello', 'Mr Okafor: hello', 'note: hello', 'https://x.y', 'Ann said: hello', 'Time: '].map(speakerOf)).toEqual([
    'Ann',
    'Mr Okafor',
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('sentencesOf() gives several sentences or none, without the name before them', () => {
  expect(sentencesOf('Ann: It is done. Is it? "Yes!" 42')).toEqual(['It is done.', 'Is it?', '"Yes!"', '42'])
  expect(sentencesOf('Ann: It is done.')).toEqual([])
  expect(sentencesOf('これは本です。それも本です。')).toEqual(['これは本です。', 'それも本です。'])
  expect(sentencesOf('One. '.repeat(40))).toEqual([])
})
