import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const dataFolder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

export interface LabelledPair {
  readonly one: string
  readonly other: string
  readonly same: boolean
  readonly isHeldOut: boolean
}

/** Of GPTCache's mock data (MIT): those whose SHA-1(id) begins with 8 or more are held out. */
export function mockPairs(): LabelledPair[] {
  return read<{ id: string; a: string; b: string; equivalent: boolean }>(join(dataFolder, 'gptcache-mock/pairs.jsonl')).map((row) => ({
    one: row.a,
    other: row.b,
    same: row.equivalent,
    isHeldOut: Number.parseInt(createHash('sha1').update(row.id).digest('hex').slice(0, 1), 16) >= 8,
  }))
}

export interface QuestionGroup {
  readonly same: readonly string[]
  readonly other: readonly string[]
  readonly isHeldOut: boolean
}

/** Our own questions: wordings of one, and others that look like it. Every second one is held out. */
export function questionGroups(): QuestionGroup[] {
  const file = fileURLToPath(new URL('../../scripts/heads/same_question.jsonl', import.meta.url))
  return read<Omit<QuestionGroup, 'isHeldOut'>>(file).map((group, index) => ({ ...group, isHeldOut: index % 2 === 1 }))
}

export function questionPairs(): LabelledPair[] {
  return questionGroups().flatMap(({ same, other, isHeldOut }) => [
    ...same.flatMap((one, index) => same.slice(index + 1).map((another) => ({ one, other: another, same: true, isHeldOut }))),
    ...same.flatMap((one) => other.map((another) => ({ one, other: another, same: false, isHeldOut }))),
  ])
}

/** People's questions to a bank or an assistant: those of one intent may well have one answer, those of two have not. */
export function intents(path: string): { text: string; meaning: string; source: string }[] {
  return read<{ text: string; intent: string }>(join(dataFolder, path)).map(({ text, intent }) => ({ text, meaning: intent, source: path }))
}

function read<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}
