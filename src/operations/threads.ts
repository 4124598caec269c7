import { z } from 'zod'
import { type Summary, type ThreadSummary, type Turn, turnsOf } from '../../memory/index.ts'
import { type Part, textOf } from '../../models/message.ts'
import { taintNames } from '../../policies/index.ts'
import type { Caller } from '../caller.ts'
import { limitsOf } from './client-limits.ts'
import { InputError } from './errors.ts'
import type { Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  op: z.enum(['list', 'search', 'get', 'export']),
  thread: z.string().min(1).max(200).optional(),
  query: z.string().min(1).max(1000).optional(),
  cursor: z.string().max(200).optional(),
})
type Input = z.infer<typeof input>

const pageTurns = 50
const pageThreads = 50

export function createThreads(services: Services): Operation {
  const { threads, summaries } = services
  return {
    name: 'threads',
    title: 'Look through threads',
    description: 'Lists, searches or reads the threads that are remembered; get pages through turns, export gives all as JSON Lines.',
    input,
    output: z.looseObject({ threads: z.array(z.looseObject({ thread: z.string() })).optional(), next_cursor: z.string().optional() }),
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run(given: Input, { caller }) {
      const { principal } = caller
      if (given.op === 'list') {
        const { threads: found, nextCursor } = await threads.list(principal, { cursor: given.cursor, limit: pageThreads })
        const about = await Promise.all(found.map(({ thread }) => summaries.get(principal, thread)))
        const overview = given.cursor === undefined ? await summaries.overview(principal) : undefined
        const shown = found.map((one, index) => ({ ...summaryFields(one), ...aboutFields(about[index], mostInList) }))
        return listed(shown, nextCursor, overview)
      }
      if (given.op === 'search') {
        if (given.query === undefined) throw new InputError('Cannot search threads: op search needs a query')
        const found = await threads.search(principal, given.query, { limit: 20 })
        return listed(found.map((one) => ({ ...summaryFields(one), snippet: one.snippet })))
      }
      if (given.thread === undefined) throw new InputError(`Cannot ${given.op} a thread: op ${given.op} needs a thread`)
      const thread = await threads.get(principal, given.thread)
      if (thread === undefined) return unknownThread(given.thread)
      if (given.op === 'export') {
        const lines: string[] = []
        for await (const turn of turnsOf(threads, principal, thread.thread)) lines.push(JSON.stringify(turnFields(turn)))
        return exported(services, caller, thread, lines)
      }
      const after = Number(given.cursor ?? '0')
      if (!Number.isInteger(after) || after < 0)
        throw new InputError(`Cannot get a thread: cursor must be one that threads gave, received "${given.cursor}"`)
      const read = await threads.turns(principal, thread.thread, { after, limit: pageTurns })
      const turns = thatFit(read, limitsOf(services, caller.client?.name).resultBytes / 3)
      const last = turns.at(-1)
      const isMore = turns.length < read.length || read.length === pageTurns
      const next = isMore && last !== undefined ? { next_cursor: String(last.sequence) } : {}
      const shown = turns
        .map(
          (turn) =>
            `${turn.sequence}. ${turn.speaker ?? turn.role}${turn.model === undefined ? '' : ` (${turn.model})`}: ${inWords(turn.content)}`,
        )
        .join('\n\n')
      const more = 'next_cursor' in next ? `\n\n[read on with cursor "${next.next_cursor}"]` : ''
      const about = after === 0 ? aboutFields(await summaries.get(principal, thread.thread)) : {}
      return answer(
        { ...summaryFields(thread), ...about, turns_shown: turns.map(turnFields), ...next },
        `${shown}${more}` || 'The thread is empty',
      )
    },
  }
}

/** The first turns that a client bears, at least one. They stand in a result twice. */
function thatFit(turns: readonly Turn[], maxBytes: number): Turn[] {
  let left = maxBytes
  return turns.filter((turn, index) => {
    left -= Buffer.byteLength(JSON.stringify(turnFields(turn)))
    return index === 0 || left >= 0
  })
}

async function exported(services: Services, { principal, client }: Caller, thread: ThreadSummary, lines: readonly string[]) {
  const whole = lines.join('\n')
  const limit = limitsOf(services, client?.name).resultBytes
  if (Buffer.byteLength(whole) * 2 < limit) return answer({ ...summaryFields(thread), jsonl: whole }, whole)
  const handle = await services.results.keep(principal, whole)
  return answer(
    { ...summaryFields(thread), handle },
    `The export has ${whole.length} characters: read it with get_answer {"handle": "${handle}"}`,
  )
}

type Listed = Record<string, unknown> & Partial<ReturnType<typeof aboutFields>>

function listed(threads: readonly Listed[], nextCursor?: string, overview?: Summary) {
  const lines = threads.map((one) => {
    const name = one['name'] === undefined ? '' : ` "${one['name']}"`
    const about = one.summary === undefined ? '' : `\n  ${one.summary.text.replaceAll('\n', '\n  ')}`
    return `${one['thread']}${name}: ${one['title']} (${one['turns']} turns)${about}`
  })
  const all = overview === undefined ? {} : { overview: aboutFields(overview).summary }
  return answer({ threads, ...all, ...(nextCursor !== undefined && { next_cursor: nextCursor }) }, lines.join('\n') || 'No threads')
}

/** Of a summary, in a list of fifty. */
const mostInList = 240

/** What a thread is about, who says so, and how far it goes. */
function aboutFields(summary: Summary | undefined, most = Number.POSITIVE_INFINITY) {
  if (summary === undefined || summary.text === '') return {}
  const { text, upTo, by, trust } = summary
  const short = text.length <= most ? text : `${text.slice(0, most - 1)}…`.toWellFormed()
  return { summary: { text: short, up_to: upTo, by, trust } }
}

const forkInput = z.strictObject({
  thread: z.string().min(1).max(200),
  up_to: z.int().min(1).optional().describe('last turn to keep'),
  name: z.string().min(1).max(200).optional(),
})

export function createForkThread({ threads }: Services): Operation {
  return {
    name: 'fork_thread',
    title: 'Fork a thread',
    description: 'Starts a new thread with the turns of another, so that both can go on apart.',
    input: forkInput,
    output: z.looseObject({ thread: z.string() }),
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    async run(given: z.infer<typeof forkInput>, { caller }) {
      const thread = await threads.get(caller.principal, given.thread)
      if (thread === undefined) return unknownThread(given.thread)
      const fork = await threads.fork(caller.principal, thread.thread, { upTo: given.up_to, name: given.name })
      return answer(summaryFields(fork), `Forked ${thread.thread} into ${fork.thread} with ${fork.turns} turns`)
    },
  }
}

function unknownThread(name: string) {
  return failure(`There is no thread "${name}"`)
}

export function summaryFields({ thread, name, title, turns, createdAt, updatedAt, forkedFrom, project, taint }: ThreadSummary) {
  return {
    thread,
    ...(name !== undefined && { name }),
    title,
    turns,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    ...(forkedFrom !== undefined && { forked_from: forkedFrom }),
    ...(project !== undefined && { project }),
    ...(taint !== undefined && { taint: taintNames(taint) }),
  }
}

export function turnFields({ id, sequence, role, speaker, content, at, model, decision, trust }: Turn) {
  return {
    id,
    sequence,
    role,
    ...(speaker !== undefined && { speaker }),
    content: content.map(withoutData),
    at: new Date(at).toISOString(),
    model,
    decision,
    trust,
  }
}

/** Binary data stays where it is: a listing says that it is there. */
function withoutData(part: Part): unknown {
  if (part.type === 'tool-result') return { ...part, content: part.content.map(withoutData) }
  if (part.type === 'image' || part.type === 'file') return { ...part, data: `(${part.data.length} characters of base64)` }
  return part
}

function inWords(content: readonly Part[]): string {
  const others = content
    .filter((part) => part.type !== 'text')
    .map((part) => {
      if (part.type === 'tool-call') return `[calls ${part.name} ${JSON.stringify(part.input)}]`
      if (part.type === 'tool-result') return `[${part.name} answers: ${textOf(part.content).slice(0, 500)}]`
      return `[${part.type}]`
    })
  return [textOf(content), ...others].filter((text) => text !== '').join(' ')
}
