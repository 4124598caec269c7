import type { LogEntry, Store, WriteOptions } from '../memory/index.ts'
import { createId } from '../models/ids.ts'

/** One call of a hosted tool, as the owner of the instance can look it up later. */
export interface AuditRecord {
  readonly principal: string
  readonly roles: readonly string[]
  readonly door: string
  readonly client?: string | undefined
  readonly profile?: string | undefined
  readonly tool: string
  readonly server: string
  /** Of the definition that was called. */
  readonly hash: string
  readonly operation: 'call' | 'loop'
  readonly thread?: string | undefined
  readonly decision?: string | undefined
  /** Keys, types and sizes; the values themselves only where the configuration asks for them. */
  readonly arguments: unknown
  /** What had come into the thread. */
  readonly taint: readonly string[]
  /** What the policy said, `none` when it was not asked: the tool was not open, or the arguments did not fit. */
  readonly verdict: 'allow' | 'confirm' | 'deny' | 'none'
  readonly rule?: string | undefined
  /** What the guard of computer use, or that of tool calls, had against it. */
  readonly why?: string | undefined
  readonly changes?: readonly string[] | undefined
  readonly outcome: string
  readonly ms: number
}

/** It belongs to the owner of the instance, whoever called: no caller reads it, and `forget` does not reach it. */
const owner = 'local'
const stream = 'tool-audit'

/** Entries leave with the retention of threads. */
export async function recordCall(store: Pick<Store, 'logs'>, record: AuditRecord, options?: WriteOptions): Promise<void> {
  await store.logs.append(owner, stream, [{ id: createId('outcome'), value: record }], options)
}

/** Oldest first. */
export async function readAudit(store: Pick<Store, 'logs'>, last: number): Promise<LogEntry<AuditRecord>[]> {
  return store.logs.read<AuditRecord>(owner, stream, { last })
}

const deepest = 4
const mostMembers = 50
const longestKey = 64

/** What a value is like, without saying what it is: `{path: 'text of 12', tags: 'list of 3'}`. */
export function shapeOf(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return `text of ${value.length}`
  if (Array.isArray(value)) return `list of ${value.length}`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const members = Object.entries(value)
  if (depth >= deepest) return `object of ${members.length}`
  const shown = members.slice(0, mostMembers).map(([key, member]) => [key.slice(0, longestKey).toWellFormed(), shapeOf(member, depth + 1)])
  return Object.fromEntries(members.length > mostMembers ? [...shown, ['…', `${members.length} in all`]] : shown)
}
