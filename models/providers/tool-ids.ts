import { createHash } from 'node:crypto'
import type { Message } from '../message.ts'

/** What a provider takes as the id of a tool call. */
export interface IdRule {
  readonly pattern: RegExp
  /** A valid id from this hash (lower-case hex). */
  make(hash: string): string
}

/** Anthropic and OpenAI: letters, digits, `_` and `-`, at most 64. */
export const commonIds: IdRule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, make: (hash) => `call_${hash.slice(0, 24)}` }

/** Kimi counts its calls (`functions.look:0`) and reads its own ids; it takes any. */
const anyIds: IdRule = { pattern: /^/, make: (hash) => `call_${hash.slice(0, 24)}` }

/** Mistral: exactly nine letters or digits. */
export const mistralIds: IdRule = { pattern: /^[a-zA-Z0-9]{9}$/, make: (hash) => hash.slice(0, 9) }

/** What a model takes behind the formats of OpenAI, whoever serves it. */
export function idRuleOf(model: string): IdRule {
  if (/mistral|mixtral|magistral|ministral|codestral|devstral|pixtral/i.test(model)) return mistralIds
  return /kimi|moonshot/i.test(model) ? anyIds : commonIds
}

/**
 * Gives each call id of a conversation one that the provider takes, the same for a call and its result.
 *
 * Valid ids stay as they are and others follow from their hash, so the same conversation always reads the same and a
 * prompt cache keeps its prefix. Two ids never become one.
 */
export function createIdMap(messages: readonly Message[], rule: IdRule): (id: string) => string {
  const ids = messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-call' || part.type === 'tool-result' ? [part.id] : [])),
  )
  return mapIds(ids, rule)
}

/** The same for ids in the order in which a conversation has them. */
export function mapIds(ids: readonly string[], rule: IdRule): (id: string) => string {
  const mapped = new Map(ids.filter((id) => rule.pattern.test(id)).map((id) => [id, id]))
  const taken = new Set(mapped.keys())

  return (id) => {
    const known = mapped.get(id)
    if (known !== undefined) return known
    for (let round = 0; ; round += 1) {
      const made = rule.make(createHash('sha256').update(`${round}:${id}`).digest('hex'))
      if (taken.has(made)) continue
      taken.add(made)
      mapped.set(id, made)
      return made
    }
  }
}
