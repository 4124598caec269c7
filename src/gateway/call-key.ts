import { hash } from 'node:crypto'
import type { ToolCallPart } from '../../models/message.ts'

/**
 * Under what a tool call is kept.
 *
 * Some models count their calls (`functions.read:0`, `call_1`), and such an id comes again in each of their conversations: it
 * tells a call only together with its conversation and its arguments, and nothing where the conversation is not known.
 */
export function callKey(principal: string, session: string | undefined, { id, name, input }: ToolCallPart): string | undefined {
  if (isUnique(id, name)) return hash('sha256', `${principal}\0call\0${id}`, 'base64url')
  if (session === undefined) return undefined
  return hash('sha256', JSON.stringify([principal, 'call', session, id, name, sorted(input)]), 'base64url')
}

/** Whether letters and digits stand in it that nobody counts with. */
function isUnique(id: string, name: string): boolean {
  const runs = id.replace(name, '').match(/[A-Za-z0-9]{8,}/g) ?? []
  return runs.some((run) => /\d/.test(run) && /[A-Za-z]/.test(run))
}

/** Clients write the keys of an object in whatever order their language keeps them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).toSorted()
  return keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])])
}
