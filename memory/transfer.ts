import type { Part } from '../models/message.ts'
import { speakerNamed } from '../models/speaker.ts'
import type { Taint } from '../models/taint.ts'
import { MemoryError } from './errors.ts'
import { factsOf, turnsOf } from './pages.ts'
import type { Recall } from './recall.ts'
import type { Store, StoredDocument, Trust } from './store.ts'
import { exportThread, type ThreadExport } from './thread-export.ts'
import type { NewTurn, Threads, Turn } from './threads.ts'
import { lowerTrust } from './trust.ts'

/** A line of an export. */
export type MemoryExport = { type: 'memory'; memory: StoredDocument } | Exclude<ThreadExport, { type: 'decision' }>

export interface Memories {
  readonly store: Store
  readonly threads: Threads
  readonly recall: Recall
}

const perPage = 200

/** All that a principal has: what was remembered for all threads, then each thread with its turns and what was remembered in it. */
export async function* exportMemory({ store, threads }: Omit<Memories, 'recall'>, principal: string): AsyncGenerator<MemoryExport> {
  for await (const memory of factsOf(store, principal)) if (memory.thread === undefined) yield { type: 'memory', memory }
  for (let cursor: string | undefined; ; ) {
    const page = await threads.list(principal, { cursor, limit: perPage })
    for (const { thread } of page.threads) {
      for await (const line of exportThread({ store, threads }, principal, thread)) if (line.type !== 'decision') yield line
    }
    if (page.nextCursor === undefined) return
    cursor = page.nextCursor
  }
}

/** What can come in: lines of an export, and those of the memory file of `@modelcontextprotocol/server-memory`. */
export type ImportedLine =
  | {
      type: 'memory'
      text: string
      trust: Trust
      source?: string | undefined
      project?: string | undefined
      at?: number | undefined
      private?: boolean
      flagged?: boolean
      inThread?: boolean
    }
  | { type: 'thread'; name: string; project?: string | undefined; taint?: Taint | undefined }
  | ({ type: 'turn'; at: number } & NewTurn)

export interface Imported {
  memories: number
  threads: number
  turns: number
  /** Which were there already. */
  skipped: number
}

/**
 * Reads a line of a file. What another program's agent wrote down is nobody's word: it is `external`.
 *
 * @returns Nothing for a line that holds nothing to keep.
 * @throws {MemoryError} If the line is of no known form.
 */
export function parseImportedLine(line: string, number: number): ImportedLine[] {
  const refuse = (received: string): never => {
    throw new MemoryError(
      `Cannot import line ${number}: it must be JSON of type memory, fact, thread, turn, entity or relation, with their fields; received ${received}`,
      { code: 'memory_refused', operation: 'import' },
    )
  }
  const value = ((): Record<string, unknown> => {
    try {
      return JSON.parse(line) as Record<string, unknown>
    } catch {
      return refuse('no JSON')
    }
  })()
  const text = (one: unknown, field: string): string =>
    typeof one === 'string' && one.trim() !== '' ? one : refuse(`${String(value?.['type'])} without ${field}`)
  const foreign = (said: string): ImportedLine => ({ type: 'memory', text: said, trust: 'external', source: 'server-memory' })

  switch (value?.['type']) {
    case 'entity': {
      const name = text(value['name'], 'name')
      const kind = text(value['entityType'], 'entityType')
      const observations = Array.isArray(value['observations']) ? value['observations'] : refuse('entity without observations')
      if (observations.length === 0) return [foreign(`${name} is a ${kind}`)]
      return observations.map((one) => foreign(`${name} (${kind}): ${text(one, 'texts in observations')}`))
    }
    case 'relation': {
      const relation = text(value['relationType'], 'relationType').replaceAll('_', ' ')
      return [foreign(`${text(value['from'], 'from')} ${relation} ${text(value['to'], 'to')}`)]
    }
    case 'memory':
    case 'fact': {
      const kept = (value['memory'] ?? value['fact']) as Partial<StoredDocument> | undefined
      const source = kept?.facts?.['source']
      return [
        {
          type: 'memory',
          text: text(kept?.text, 'text'),
          trust: trustOf(kept?.trust),
          ...(typeof source === 'string' && { source }),
          ...projectIn(kept),
          at: timeOf(kept?.createdAt),
          private: kept?.facts?.['private'] === true,
          flagged: kept?.facts?.['flagged'] === true,
          inThread: value['type'] === 'fact',
        },
      ]
    }
    case 'thread': {
      const thread = value['thread'] as { thread?: unknown; name?: unknown; project?: unknown; taint?: unknown } | undefined
      // One without a name gets one, so that it comes in once however often the file does.
      const name = typeof thread?.name === 'string' ? thread.name : `imported ${text(thread?.thread, 'thread')}`
      return [{ type: 'thread', name, ...projectIn(thread), taint: taintIn(thread) }]
    }
    case 'turn': {
      const turn = value['turn'] as (Partial<NewTurn> & { at?: unknown }) | undefined
      const isRole = turn?.role === 'user' || turn?.role === 'assistant'
      if (!isRole || !Array.isArray(turn?.content) || !turn.content.every(isPart)) return refuse('turn without role or content')
      const { role, content, model } = turn as NewTurn
      const speaker = speakerNamed(turn.speaker)
      const by = { ...(typeof model === 'string' && { model }), ...(speaker !== undefined && { speaker }) }
      return [{ type: 'turn', role, content, ...by, trust: trustOf(turn.trust), at: timeOf(turn.at) ?? Date.now() }]
    }
    default:
      return refuse(`type ${JSON.stringify(value?.['type'])}`)
  }
}

/**
 * Puts lines into memory, each stamped with its own time (`setTime`). What is there already, by its text or the name of its thread, is
 * left alone, so that a file may come in twice; a thread that has come in halfway, or has grown since, goes on where it ended.
 */
export async function importMemory(
  { store, threads, recall }: Memories,
  principal: string,
  lines: AsyncIterable<ImportedLine> | Iterable<ImportedLine>,
  setTime: (at: number | undefined) => void,
): Promise<Imported> {
  const done: Imported = { memories: 0, threads: 0, turns: 0, skipped: 0 }
  const known = new Set<string>()
  for await (const { text } of factsOf(store, principal)) known.add(text)
  let thread: string | undefined
  /** Turns that the thread has, which those of the file are held against. */
  let there: AsyncGenerator<Turn> | undefined
  let taint: Taint | undefined
  for await (const line of lines) {
    if (line.type === 'thread') {
      setTime(undefined)
      const isThere = (await threads.get(principal, line.name)) !== undefined
      thread = (await threads.open(principal, line.name, { project: line.project })).thread
      there = isThere ? turnsOf(threads, principal, thread) : undefined
      taint = line.taint
      if (taint !== undefined && !isThere) await threads.taint(principal, thread, taint)
      if (isThere) done.skipped += 1
      else done.threads += 1
    } else if (line.type === 'turn') {
      if (thread === undefined) continue
      const { type: _, at, ...turn } = line
      const next = await there?.next()
      if (next !== undefined && next.done !== true) {
        // Another conversation has the name.
        if (next.value.at !== at || next.value.role !== turn.role) thread = undefined
        continue
      }
      setTime(at)
      if (taint !== undefined && there !== undefined) await threads.taint(principal, thread, taint)
      await threads.append(principal, thread, [turn])
      done.turns += 1
    } else if (known.has(line.text) || (line.inThread === true && thread === undefined)) {
      done.skipped += 1
    } else {
      const { text, trust, source, project, at, private: isPrivate, flagged } = line
      setTime(at)
      const ofAll = project === undefined ? ({ scope: 'caller' } as const) : ({ scope: 'project', project } as const)
      const scope = line.inThread === true ? ({ scope: 'thread', thread } as const) : ofAll
      await recall.remember(principal, { text, trust, source, private: isPrivate, flagged, ...scope })
      known.add(text)
      done.memories += 1
    }
  }
  setTime(undefined)
  return done
}

/** A file cannot lift itself above what its bringer may write. */
function trustOf(value: unknown): Trust {
  if (value === 'hostile') return value
  return value === 'known' || value === 'owner' || value === 'system' ? lowerTrust(value, 'known') : 'external'
}

function projectIn(value: { project?: unknown } | undefined): { project?: string } {
  return typeof value?.project === 'string' && value.project !== '' ? { project: value.project.slice(0, 200) } : {}
}

/** What had come into it: a file can add to that, and take nothing away. */
function taintIn(value: { taint?: unknown } | undefined): Taint | undefined {
  const given = value?.taint as Partial<Record<keyof Taint, unknown>> | undefined | null
  if (typeof given !== 'object' || given === null) return undefined
  return {
    untrustedRead: given.untrustedRead === true,
    privateRead: given.privateRead === true,
    canSend: given.canSend === true,
    ...(given.injectedRead === true && { injectedRead: true }),
  }
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.min(value, Date.now()) : undefined
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
