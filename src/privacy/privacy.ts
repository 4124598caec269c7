import { createHash } from 'node:crypto'
import { findPiiInTurns, type PiiFinding, partsOfName, piiTypes } from '../../models/local/detect/index.ts'
import { compileLinear, type PrivacyGuard } from '../../policies/index.ts'
import { createPlaceholders, type Placeholders, placeholderPattern } from './placeholders.ts'

/** What a policy's guard of privacy finds in texts, and exchanges. */
export interface Privacy {
  readonly guard: PrivacyGuard
  /** The texts, in their order, with placeholders for all that is found in any of them. */
  cover(
    texts: readonly string[],
    options?: CoverOptions,
  ): Promise<{ readonly texts: readonly string[]; readonly placeholders: Placeholders }>
  /** More texts with placeholders that are there already, and others for what else is found in them. */
  coverWith(texts: readonly string[], placeholders: Placeholders): Promise<readonly string[]>
  /** Whether anything is found. */
  finds(text: string): Promise<boolean>
}

export interface CoverOptions {
  /** Texts of a model among them, by place: a placeholder that stands there is one of ours. */
  readonly isModels?: ((index: number) => boolean) | undefined
}

interface Found {
  readonly start: number
  readonly end: number
  readonly label: string
}

/** Conversations come again with each of their steps: where something stands in a text is kept by the text's hash, and no text is. */
const mostKept = 5000
/** Shorter texts are read anew faster than they are looked up. */
const shortestKept = 24

const known = new WeakMap<PrivacyGuard, Privacy>()

export function privacyOf(guard: PrivacyGuard): Privacy {
  const before = known.get(guard)
  if (before !== undefined) return before
  const made = createPrivacy(guard)
  known.set(guard, made)
  return made
}

function createPrivacy(guard: PrivacyGuard): Privacy {
  const { threshold, types = piiTypes.filter((type) => type !== 'place'), allow = [], recognisers = [] } = guard
  const allowed = new Set(allow.map((value) => value.toLowerCase()))
  const own = recognisers.map(({ name, pattern, replace = name.toUpperCase() }) => ({ pattern: compileLinear(pattern), label: replace }))
  const kept = new Map<string, readonly Found[]>()

  const find = async (text: string): Promise<readonly Found[]> => {
    if (text.length < shortestKept) return findNow(text)
    const key = createHash('sha256').update(text).digest('base64')
    const before = kept.get(key)
    if (before !== undefined) return before
    const found = await findNow(text)
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? key)
    kept.set(key, found)
    return found
  }

  /** What the policy recognises comes first: its author knows best. */
  const findNow = async (text: string): Promise<Found[]> => {
    const found: Found[] = []
    for (const { pattern, label } of own)
      for (const span of matchesOf(pattern, text)) found.push(...beside({ ...span, label }, found, text))
    const general = (await findPiiInTurns(text, { types, threshold, maxCharacters: text.length })).findings
    const first = [...found]
    for (const one of general) found.push(...beside(labelled(one), first, text))
    const kept = found
      .filter(({ start, end }) => !allowed.has(text.slice(start, end).toLowerCase()))
      .toSorted((a, b) => a.start - b.start || b.end - a.end)
    // A place within an address is part of it.
    let reached = 0
    return kept.filter(({ start, end }) => {
      const isFree = start >= reached
      if (isFree) reached = end
      return isFree
    })
  }

  const findAll = async (texts: readonly string[]) => {
    const found: (readonly Found[])[] = []
    for (const text of texts) found.push(await find(text))
    return found
  }

  return {
    guard,
    finds: async (text) => (await find(text)).length > 0,
    async coverWith(texts, placeholders) {
      const found = await findAll(texts)
      return exchangedAll(texts, found, placeholders)
    },
    async cover(texts, { isModels = () => false } = {}) {
      const taken = texts.flatMap((text, index) => (isModels(index) ? [] : (text.match(placeholderPattern) ?? [])))
      const placeholders = createPlaceholders(new Set(taken))
      const found = await findAll(texts)
      return { texts: exchangedAll(texts, found, placeholders), placeholders }
    },
  }
}

/** Twice over: a value that was found in one text is exchanged in all of them, and of a person's name each part by itself. */
function exchangedAll(texts: readonly string[], found: readonly (readonly Found[])[], placeholders: Placeholders): string[] {
  const parts = new Set<string>()
  for (const [index, spans] of found.entries()) {
    const text = texts[index] ?? ''
    for (const { start, end, label } of spans) {
      const value = text.slice(start, end)
      placeholders.add(value, label)
      for (const part of label === personLabel ? partsOfName(value) : []) parts.add(part)
    }
    for (const part of parts) if (standsAlone(part, text, spans)) placeholders.add(part, personLabel)
  }
  return texts.map((text, index) => exchanged(text, found[index] ?? [], placeholders))
}

function exchanged(text: string, spans: readonly Found[], placeholders: Placeholders): string {
  let result = ''
  let from = 0
  for (const { start, end, label } of spans) {
    result += placeholders.cover(text.slice(from, start)) + placeholders.add(text.slice(start, end), label)
    from = end
  }
  return result + placeholders.cover(text.slice(from))
}

/** What of a finding stands beside others: nothing of it is let through for them. */
function beside(one: Found, others: readonly Found[], text: string): Found[] {
  let pieces = [one]
  for (const { start, end } of others) {
    pieces = pieces.flatMap((piece) => {
      if (end <= piece.start || start >= piece.end) return [piece]
      return [
        { ...piece, end: start },
        { ...piece, start: end },
      ].filter((rest) => /[\p{L}\p{N}]/u.test(text.slice(rest.start, rest.end)))
    })
  }
  return pieces
}

const personLabel = 'PERSON'

function standsAlone(part: string, text: string, spans: readonly Found[]): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const end = at + part.length
    const isWord = !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at)) && !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
    if (isWord && !spans.some((one) => one.start < end && one.end > at)) return true
  }
  return false
}

function labelled({ type, start, end }: PiiFinding): Found {
  return { start, end, label: type.toUpperCase() }
}

function matchesOf(pattern: ReturnType<typeof compileLinear>, text: string): { start: number; end: number }[] {
  const matcher = pattern.matcher(text)
  const found: { start: number; end: number }[] = []
  while (matcher.find()) if (matcher.end() > matcher.start()) found.push({ start: matcher.start(), end: matcher.end() })
  return found
}
