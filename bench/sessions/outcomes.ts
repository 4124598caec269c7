import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dot } from '../../models/embedder.ts'
import { createMiniLM } from '../../models/local/index.ts'
import { type Row, read, string } from '../tool-search/data.ts'

/** A question with what two models of the outcome data made of it: the strong and the weak one stand for those of a session. */
export interface Question {
  readonly id: string
  readonly strong: number
  readonly weak: number
  /** What the strong one is expected to be ahead by, as told by other questions alone. */
  readonly expectedGap: number
}

// Of the nine: the best single one, and the best of an eighth of its size and a quarter of its price.
const strongModel = 'llama-3.1-nemotron-51b-instruct'
const weakModel = 'llama-3.1-8b-instruct'
const neighbours = 40
const folds = 5

/** Every question with its expectation; these take a minute to compute, and are kept beside other temporary files. */
export async function readQuestions(): Promise<Question[]> {
  const rows = read('llmrouter-scores/train.jsonl.gz')
  const questions = rows.map((row) => ({ id: string(row['id']), ...scoresOf(row) }))
  const file = join(tmpdir(), `signalbox-expected-gaps-${strongModel}-${weakModel}-${neighbours}-${folds}.json`)
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as number[]) : []
  const gaps = known.length === rows.length ? known : await expectGaps(rows, questions)
  writeFileSync(file, JSON.stringify(gaps))
  return questions.map((question, index) => ({ ...question, expectedGap: gaps[index] ?? 0 }))
}

/** The mean over the nearest questions of the other folds. */
async function expectGaps(rows: readonly Row[], questions: readonly Omit<Question, 'expectedGap'>[]): Promise<number[]> {
  const embedder = createMiniLM()
  try {
    const vectors = await embedder.embed(rows.map((row) => string(row['query'])))
    return vectors.map((own, index) => {
      const near: { likeness: number; gap: number }[] = []
      for (const [other, { strong, weak }] of questions.entries()) {
        const vector = vectors[other]
        if (vector !== undefined && other % folds !== index % folds) near.push({ likeness: dot(own, vector), gap: strong - weak })
      }
      near.sort((left, right) => right.likeness - left.likeness)
      return near.slice(0, neighbours).reduce((sum, { gap }) => sum + gap, 0) / neighbours
    })
  } finally {
    await embedder.close()
  }
}

function scoresOf(row: Row): { strong: number; weak: number } {
  const scores = row['scores'] as Record<string, number>
  return { strong: scores[strongModel] ?? 0, weak: scores[weakModel] ?? 0 }
}
