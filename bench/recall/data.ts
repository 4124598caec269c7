import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What one person, or two, said before, and what is asked of it later. Everything of one memory is one principal's. */
export interface RecallSet {
  readonly memory: string
  readonly sessions: readonly Session[]
  readonly questions: readonly Question[]
}

export interface Session {
  readonly name: string
  /** When it was, where that is known. */
  readonly at: number | undefined
  readonly turns: readonly { readonly id: string; readonly text: string }[]
}

export interface Question {
  readonly kind: string
  readonly question: string
  /** Ids of turns. */
  readonly evidence: readonly string[]
  /** Any of them in a found text answers it. */
  readonly answers: readonly string[]
}

/** The memory part of the Berkeley Function Calling Leaderboard: five people's earlier conversations, the user's side alone. */
export async function readBfclMemory(folder: string): Promise<RecallSet[]> {
  interface Said {
    scenario: string
    session: string
    turn: number
    text: string
  }
  interface Asked {
    scenario: string
    question: string
    answers: string[]
    evidence: string[]
  }
  const said = await readLines<Said>(join(folder, 'turns.jsonl'))
  const asked = await readLines<Asked>(join(folder, 'qa.jsonl'))
  return [...Map.groupBy(said, ({ scenario }) => scenario)].map(([memory, turns]) => ({
    memory,
    sessions: [...Map.groupBy(turns, ({ session }) => session)].map(([name, all]) => ({
      name,
      at: undefined,
      turns: all.map(({ turn, text }) => ({ id: `${name}#${turn}`, text })),
    })),
    questions: asked.filter(({ scenario }) => scenario === memory).map((one) => ({ ...one, kind: 'single' })),
  }))
}

/**
 * Conversations between two people over many months, written for this measurement: `NAME.txt` holds sessions (`# day`) and turns
 * (`Name: text`), `NAME.jsonl` questions with words that stand in each turn of their evidence. Both pairs of a memory share it.
 */
export async function readConversations(folder: string, memory: string, pairs: readonly string[]): Promise<RecallSet> {
  const sessions: Session[] = []
  const questions: Question[] = []
  for (const pair of pairs) {
    const text = await readFile(join(folder, `${pair}.txt`), 'utf8')
    const own = text
      .split(/^# /m)
      .slice(1)
      .map((block): Session => {
        const [day = '', ...lines] = block.split('\n').filter((line) => line !== '')
        const name = `${pair} ${day}`
        return { name, at: Date.parse(`${day}T18:00:00Z`), turns: lines.map((line, index) => ({ id: `${name}#${index}`, text: line })) }
      })
    const turns = own.flatMap((session) => session.turns)
    for (const one of await readLines<Pick<Question, 'kind' | 'question' | 'evidence'>>(join(folder, `${pair}.jsonl`))) {
      const evidence = one.evidence.map((words) => {
        const [found, ...others] = turns.filter((turn) => turn.text.includes(words))
        if (found === undefined || others.length > 0) throw new Error(`Cannot read ${pair}: "${words}" must stand in exactly one turn`)
        return found.id
      })
      questions.push({ ...one, evidence, answers: [] })
    }
    sessions.push(...own)
  }
  return { memory, sessions, questions }
}

/** What somebody said twice, differently: for each, what is asked about now and about the past. Written before the patterns that read it. */
export interface Update {
  readonly half: 'tuned' | 'reported'
  readonly old: string
  readonly new: string
  readonly now: string
  readonly past: string
}

export function readUpdates(folder: string): Promise<Update[]> {
  return readLines<Update>(join(folder, 'updates.jsonl'))
}

async function readLines<T>(path: string): Promise<T[]> {
  const text = await readFile(path, 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
