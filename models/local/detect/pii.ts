import { setImmediate } from 'node:timers/promises'
import type { Span } from './normalise.ts'
import { type PiiFormat, piiFormats } from './pii-formats.ts'
import { findNames } from './pii-names.ts'
import type { PiiType } from './pii-types.ts'
import { findSecrets, type SecretFinding } from './secrets.ts'

/** Where something personal stands and what it is; the value itself is in no finding. */
export interface PiiFinding extends Span {
  readonly type: PiiType
  /** From 0 to 1: near 1 for a checksum, less for a form, least for what only the words around it say. */
  readonly score: number
}

export interface PiiScan {
  readonly findings: readonly PiiFinding[]
  /** Whether a part was not read: of that part nothing is known. */
  readonly truncated: boolean
}

export interface PiiOptions {
  readonly types?: readonly PiiType[] | undefined
  /** The least score of a finding. */
  readonly threshold?: number | undefined
  /** Longer texts are read to here, and say so. */
  readonly maxCharacters?: number | undefined
}

/** What is read in one piece; pieces overlap by more than the longest finding of their kind. Keys can be long, and are found fast. */
const pieces = { keys: { length: 100_000, overlap: 13_000 }, others: { length: 12_000, overlap: 1000 } } as const
const longestPii = 4_000_000

/**
 * Personal data and keys in a text: numbers by form, checksum and the words around them; names, addresses and places by a small trained
 * model. Findings stand apart from each other, but for the places within an address.
 */
export function findPii(text: string, options: PiiOptions = {}): PiiScan {
  const all: PiiFinding[] = []
  for (const found of inPieces(text, options)) all.push(...found)
  return scanOf(text, all, options)
}

/** The same for texts of any length: between two pieces others have their turn. */
export async function findPiiInTurns(text: string, options: PiiOptions = {}): Promise<PiiScan> {
  const all: PiiFinding[] = []
  let startedAt = performance.now()
  for (const found of inPieces(text, options)) {
    all.push(...found)
    if (text.length <= pieces.others.length || performance.now() - startedAt < turnMs) continue
    await setImmediate()
    startedAt = performance.now()
  }
  return scanOf(text, all, options)
}

/** After so long somebody else may have waited. */
const turnMs = 8

function scanOf(text: string, all: readonly PiiFinding[], { types, threshold = 0.5, maxCharacters = longestPii }: PiiOptions): PiiScan {
  const wanted = types === undefined ? undefined : new Set(types)
  const findings = withoutOverlaps(all).filter(({ type, score }) => score >= threshold && wanted?.has(type) !== false)
  return { findings, truncated: text.length > maxCharacters }
}

function* inPieces(text: string, { types, maxCharacters = longestPii }: PiiOptions): Generator<readonly PiiFinding[]> {
  const end = Math.min(text.length, maxCharacters)
  const keys: PiiFinding[] = []
  for (const { from, part } of cut(text, end, pieces.keys)) keys.push(...keysIn(part).map((one) => moved(one, from)))
  yield keys
  const wanted = types === undefined ? undefined : new Set(types)
  for (const { from, part } of cut(text, end, pieces.others)) {
    const known = keys.filter((one) => one.start < from + part.length && one.end > from).map((one) => moved(one, -from))
    yield othersIn(part, known, wanted).map((one) => moved(one, from))
  }
}

function* cut(
  text: string,
  end: number,
  { length, overlap }: { length: number; overlap: number },
): Generator<{ from: number; part: string }> {
  for (let from = 0; from === 0 || from + overlap < end; from += length - overlap) {
    yield { from, part: text.slice(from, Math.min(end, from + length)) }
  }
}

function moved(one: PiiFinding, by: number): PiiFinding {
  return by === 0 ? one : { ...one, start: one.start + by, end: one.end + by }
}

const names: readonly PiiType[] = ['person', 'address', 'place']

function keysIn(text: string): PiiFinding[] {
  return findSecrets(text).findings.map(({ kind, group, checked, start, end }) => {
    return { type: group === 'secret' ? 'secret' : typeOf(kind), start, end, score: checked ? 0.99 : 0.9 }
  })
}

function othersIn(text: string, keys: readonly PiiFinding[], wanted: ReadonlySet<PiiType> | undefined): PiiFinding[] {
  const formed = piiFormats.flatMap((format) => matches(text, format))
  if (wanted !== undefined && !names.some((type) => wanted.has(type))) return formed
  return [...formed, ...findNames(text, [...keys, ...formed.filter(({ type }) => type !== 'postcode')])]
}

const ofKind: Partial<Record<SecretFinding['kind'], PiiType>> = {
  card: 'card',
  iban: 'iban',
  'us-ssn': 'us_ssn',
  'national-id': 'national_id',
  phone: 'phone',
  email: 'email',
  'ip-address': 'ip_address',
}

function typeOf(kind: SecretFinding['kind']): PiiType {
  return ofKind[kind] ?? 'secret'
}

/** How far before and after a form the words may stand that say what it is. */
const reach = 60

function matches(text: string, { type, pattern, before, after, not, accepts, score }: PiiFormat): PiiFinding[] {
  const found: PiiFinding[] = []
  for (const { index: start, 0: value } of text.matchAll(pattern)) {
    const end = start + value.length
    const said = text.slice(Math.max(0, start - reach), start)
    if (not?.test(said) === true && after?.test(text.slice(end, end + reach)) !== true) continue
    if (before !== undefined && !before.test(said) && after?.test(text.slice(end, end + reach)) !== true) continue
    if (accepts?.(value) !== false) found.push({ type, start, end, score })
  }
  return found
}

/** Of findings that overlap the surer one is meant, of equally sure ones the longer. Places may stand within an address. */
function withoutOverlaps(findings: readonly PiiFinding[]): PiiFinding[] {
  const apart = surest(findings.filter(({ type }) => type !== 'place'))
  const places = surest(findings.filter(({ type }) => type === 'place'))
  const own = places.filter(({ start, end }) => !apart.some((one) => one.type !== 'address' && one.start < end && one.end > start))
  return [...apart, ...own].toSorted((a, b) => a.start - b.start || b.end - a.end)
}

function surest(findings: readonly PiiFinding[]): PiiFinding[] {
  const kept: PiiFinding[] = []
  const order = findings.toSorted((a, b) => a.start - b.start || b.score - a.score || b.end - a.end)
  for (const next of order) {
    const last = kept.at(-1)
    if (last === undefined || next.start >= last.end) {
      kept.push(next)
      continue
    }
    const isSurer = next.score > last.score || (next.score === last.score && next.end - next.start > last.end - last.start)
    // What only one of the two holds is kept back as well: half a postcode is still one.
    kept[kept.length - 1] = { ...(isSurer ? next : last), start: last.start, end: Math.max(last.end, next.end) }
  }
  return kept
}
