import { expect, test } from 'vitest'
import { groundingHead } from '../../models/local/grounding/index.ts'
import { evaluateActions, type Judgement, parseActions } from '../../src/evaluation/actions.ts'
import { evaluateGrounding, parseAnswers } from '../../src/evaluation/grounding.ts'
import { evaluateRecall, parseQuestions, parseTurns } from '../../src/evaluation/recall.ts'
import { evaluatePairs, parsePairs } from '../../src/evaluation/same-questions.ts'
import { topicEmbedder } from '../support/search/topic-embedder.ts'

const embedder = topicEmbedder([['ferry', 'boat', 'hven'], ['password'], ['oslo', 'live']])
const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')

test('evaluatePairs() counts what the guards keep apart, and gives nothing again of what differs in a number', async () => {
  const pairs = parsePairs(
    lines(
      { one: 'When does the ferry leave?', other: 'when does the ferry leave', same: true },
      { one: 'Does the boat take 3 bicycles?', other: 'Does the boat take 4 bicycles?', same: false },
    ),
    'pairs.jsonl',
  )

  const evaluation = await evaluatePairs(pairs, { embedder, targetError: 0.4 })

  expect(evaluation).toMatchObject({
    pairs: 2,
    same: 1,
    guards: { passedSame: 1, passedOther: 0 },
    served: { hits: 1, wrong: 0, recall: 1 },
  })
  expect(evaluation.ways.map(({ name, apart }) => [name, apart?.auc])).toEqual([
    ['words', 1],
    ['cosine', 0.5],
    ['head', 1],
    ['guarded', 1],
  ])
})

test('evaluateGrounding() finds the number that no source has, and says what could not be judged', async () => {
  const source = 'The ferry to Hven leaves at 07:40 from quay four.'
  const answers = parseAnswers(
    lines(
      { answer: source, sources: source, supported: true },
      { answer: 'The ferry to Hven leaves at 09:55 from quay four.', sources: [source], supported: false },
    ),
    'answers.jsonl',
  )
  const likeOurs = { ...embedder, id: groundingHead().embedder }

  expect(await evaluateGrounding(answers, { embedder: likeOurs, threshold: 0.001 })).toMatchObject({
    answers: 2,
    supported: 1,
    unscored: 0,
    ways: [{ name: 'words' }, { name: 'guard', apart: { auc: 1 } }],
    found: 1,
    wronglyFlagged: 0,
  })
  expect(await evaluateGrounding(answers, { embedder })).toMatchObject({
    unscored: 2,
    whyUnscored: expect.stringContaining('the embedder is topics'),
    ways: [{ apart: undefined }, { apart: undefined }],
  })
})

test('evaluateRecall() asks a store of its own, beside words and vectors alone', async () => {
  const turns = parseTurns(
    lines(
      { id: 'a', text: 'We took the boat.', session: 'one', at: '2026-01-02' },
      { id: 'b', text: 'I moved to Oslo.', session: 'two', at: '2026-02-03T10:00:00Z' },
    ),
    'turns.jsonl',
  )
  const questions = parseQuestions(lines({ query: 'Which ferry was it?', gold: 'a' }, { query: 'moved', gold: ['b'] }), 'q.jsonl', turns)

  const evaluation = await evaluateRecall({ turns, questions }, { embedder, estimateTokens: (text) => text.length })

  expect(evaluation).toMatchObject({ turns: 2, sessions: 2, questions: 2 })
  expect(evaluation.ways.map(({ name, recallAt1 }) => [name, recallAt1])).toEqual([
    ['words', 0.5],
    ['embedding', expect.any(Number)],
    ['recall', 1],
  ])
})

test('evaluateActions() counts what is stopped, what is stopped without cause, and each kind', async () => {
  const verdicts: Judgement['verdict'][] = ['deny', 'allow', 'reobserve', 'confirm']
  const row = (verdict: string, kind?: string) => ({ screenshot: 's.png', action: { type: 'wait' }, verdict, kind })
  const actions = parseActions(
    lines(row('stop', 'overlay'), row('confirm', 'purchase'), row('allow'), row('confirm', 'purchase')),
    'a.jsonl',
  )

  const evaluation = await evaluateActions(actions, async () => ({ verdict: verdicts.shift() ?? 'allow', reasons: ['because'] }))

  expect(evaluation).toMatchObject({
    toStop: 3,
    stopped: 2 / 3,
    toAllow: 1,
    wronglyStopped: 1,
    sameVerdict: 1 / 3,
    kinds: [
      { kind: 'overlay', actions: 1, right: 1 },
      { kind: 'purchase', actions: 2, right: 0.5 },
    ],
    wrong: [
      { row: 2, expected: 'confirm', verdict: 'allow' },
      { row: 3, expected: 'allow', verdict: 'reobserve', reasons: ['because'] },
    ],
  })
})

const known = parseTurns(lines({ id: 'a', text: 'x' }), 'turns.jsonl')

test.each([
  ['pairs', () => parsePairs('{"one": "a", "same": 1}', 'f'), 'line 1: other'],
  ['answers', () => parseAnswers('{"answer": "a", "sources": []}', 'f'), 'line 1: sources'],
  ['turns', () => parseTurns(lines({ id: 'a', text: 'x' }, { id: 'a', text: 'y' }), 'f'), 'line 2: id "a" was there before'],
  ['times', () => parseTurns(lines({ id: 'a', text: 'x', at: 'yesterday' }), 'f'), 'line 1: at'],
  ['questions', () => parseQuestions('{"query": "q", "gold": ["b"]}', 'f', known), 'line 1: gold: no turn has the id "b"'],
  ['actions', () => parseActions('{"screenshot": "s", "action": {}, "verdict": "no"}', 'f'), 'line 1: verdict'],
  ['nothing', () => parsePairs('\n', 'f'), 'it has no pair'],
])('labelled %s that cannot be used are named by their line', (_, parse, fault) => {
  expect(parse).toThrow(fault)
})
