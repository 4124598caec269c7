import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createIndexer, createRecall, createThreads, openSqliteStore } from '../memory/index.ts'
import type { Embedder } from '../models/embedder.ts'
import { createMiniLM } from '../models/local/index.ts'

/**
 * How often recall finds what was said, on the memory part of the Berkeley Function Calling Leaderboard: five people's earlier
 * conversations, and questions asked later whose evidence is known. Each person is a principal.
 *
 * SIGNALBOX_DATA names the folder that holds `bfcl-memory/`.
 */

interface Said {
  scenario: string
  session: string
  turn: number
  text: string
}

interface Question {
  scenario: string
  question: string
  answers: string[]
  evidence: string[]
}

const folder = join(
  resolve(process.env['SIGNALBOX_DATA'] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'shared', 'data')),
  'bfcl-memory',
)
if (!existsSync(join(folder, 'turns.jsonl'))) {
  console.log(`Nothing measured: ${folder} does not hold turns.jsonl and qa.jsonl (set SIGNALBOX_DATA)`)
} else {
  await run(await readLines<Said>('turns.jsonl'), await readLines<Question>('qa.jsonl'))
}

async function run(turns: readonly Said[], questions: readonly Question[]): Promise<void> {
  const store = await openSqliteStore({ path: ':memory:' })
  const embedder = createMiniLM()
  const indexer = createIndexer(store, embedder)
  const estimateTokens = (text: string) => Math.ceil(text.length / 4)
  const threads = createThreads(store, { estimateTokens })

  try {
    const place = new Map<string, Said>()
    for (const said of turns) {
      const { thread } = await threads.open(said.scenario, said.session)
      const [turn] = await threads.append(said.scenario, thread, [
        { role: 'user', content: [{ type: 'text', text: said.text }], trust: 'known' },
      ])
      if (turn !== undefined) place.set(turn.id, said)
    }
    await indexer.catchUp()

    const measure = (model: Embedder | undefined) =>
      measureRecall(questions, async ({ scenario, question }) => {
        const { items } = await createRecall(store, { embedder: model, estimateTokens }).recall(scenario, { query: question, limit: 5 })
        return items.map(({ id, text }) => ({ text, said: place.get(id.split('.')[0] ?? id) }))
      })
    console.log(`${questions.length} questions, ${turns.length} turns of ${new Set(turns.map((turn) => turn.scenario)).size} people`)
    console.table({
      'words alone (BM25), as published with the data': { 'evidence@1': 0.811, 'evidence@5': 0.937, 'answer in top 5': 0.916 },
      'recall without an embedder': await measure(undefined),
      'recall with MiniLM': await measure(embedder),
    })
  } finally {
    await indexer.close()
    await embedder.close()
    await store.close()
  }
}

async function measureRecall(
  questions: readonly Question[],
  recall: (question: Question) => Promise<{ text: string; said: Said | undefined }[]>,
): Promise<Record<string, number>> {
  const sums = { first: 0, five: 0, answers: 0, items: 0, leaks: 0 }
  const withEvidence = questions.filter((one) => one.evidence.length > 0).length
  for (const question of questions) {
    const found = await recall(question)
    const isEvidence = ({ said }: { said: Said | undefined }) =>
      said !== undefined && question.evidence.includes(`${said.session}#${said.turn}`)
    const whole = found
      .map((one) => one.said?.text ?? one.text)
      .join('\n')
      .toLowerCase()
    if (found[0] !== undefined && isEvidence(found[0])) sums.first += 1
    if (found.some(isEvidence)) sums.five += 1
    if (question.answers.some((answer) => whole.includes(answer.toLowerCase()))) sums.answers += 1
    sums.items += found.length
    sums.leaks += found.filter((one) => one.said?.scenario !== question.scenario).length
  }
  return {
    'evidence@1': round(sums.first / withEvidence),
    'evidence@5': round(sums.five / withEvidence),
    'answer in top 5': round(sums.answers / questions.length),
    'items returned': round(sums.items / questions.length),
    'of other people': sums.leaks,
  }
}

async function readLines<T>(name: string): Promise<T[]> {
  const text = await readFile(join(folder, name), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
