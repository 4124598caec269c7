import { randomBytes } from 'node:crypto'

/** What an id names. The prefix makes a pasted id readable; the 128 random bits after it make it unguessable. */
export type IdKind = 'thread' | 'turn' | 'decision' | 'handle' | 'frame' | 'memory' | 'approval' | 'outcome' | 'result' | 'commitment'

const prefixes: Record<IdKind, string> = {
  thread: 'th',
  turn: 'tu',
  decision: 'de',
  handle: 'ha',
  frame: 'fr',
  memory: 'me',
  approval: 'ap',
  outcome: 'ou',
  result: 're',
  commitment: 'co',
}

const bytesOfId = 16
// Asking the system for each id alone would cost more than all else about it.
let pool = Buffer.alloc(0)
let used = 0

/** A new id such as `th_0f3c…`: its kind's prefix and 128 random bits in lower-case hexadecimal. */
export function createId(kind: IdKind): string {
  return `${prefixes[kind]}_${randomHex()}`
}

/** 128 random bits in lower-case hexadecimal. */
export function randomHex(): string {
  if (used + bytesOfId > pool.length) {
    pool = randomBytes(bytesOfId * 256)
    used = 0
  }
  used += bytesOfId
  return pool.toString('hex', used - bytesOfId, used)
}

/** Whether `text` has the form of an id of this kind. It says nothing about whether such a thing exists. */
export function isId(kind: IdKind, text: string): boolean {
  const prefix = `${prefixes[kind]}_`
  return text.startsWith(prefix) && /^[0-9a-f]{32}$/.test(text.slice(prefix.length))
}
