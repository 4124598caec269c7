import { describe, expect, test } from 'vitest'
import { splitPrompt } from '../../../models/extractive/prompt.ts'

const text = `${'The river is long and wide. '.repeat(20)}It ends in the sea.`

describe('splitPrompt()', () => {
  test.each([
    ['a short message is a question', 'Where does it end?', { question: 'Where does it end?', given: '' }],
    ['two short paragraphs are one question', 'My boat is old.\n\nIt leaks.', { question: 'My boat is old.\n\nIt leaks.', given: '' }],
    ['the question last', `${text}\n\nWhere does it end?`, { question: 'Where does it end?', given: text }],
    ['the question first', `Where does it end?\n\n${text}\n\n${text}`, { question: 'Where does it end?', given: `${text}\n\n${text}` }],
    ['a demand first', `Summarize this:\n\n${text}`, { question: 'Summarize this:', given: text }],
    ['in one paragraph, first', `Where does it end? ${text}`, { question: 'Where does it end?', given: text }],
    ['in one paragraph, last', `${text} Where does it end?`, { question: 'Where does it end?', given: `${text} ` }],
    ['in one paragraph, a demand', `Summarize: ${text}`, { question: 'Summarize:', given: text }],
    ['a long text alone', text, { question: text, given: '' }],
    ['nothing', '', { question: '', given: '' }],
  ])('%s', (_, prompt, expected) => {
    expect(splitPrompt(prompt)).toEqual(expected)
  })
})
