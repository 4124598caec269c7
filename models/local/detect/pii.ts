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

/** What is read in one piece; the pieces overlap by more than the longest finding that is not a key. */
const piece = 100_000
const overlap = 1000
const longestPii = 4_000_000

/**
 * Personal data and keys in a text: numbers by form, checksum and the words around them; names, addresses and places by a small trained
 * model. Findings stand apart from each other, but for the places within an address.
 */
export function findPii(text: string, { types, threshold = 0.5, maxCharacters = longestPii }: PiiOptions = {}): PiiScan {
  const end = Math.min(text.length, maxCharacters)
  const wanted = types === undefined ? undefined : new Set(types)
  const all: PiiFinding[] = []
  for (let from = 0; from === 0 || from + overlap < end; from += piece - overlap) {
    const part = text.slice(from, Math.min(end, from + piece))
    for (const one of inPiece(part, wanted)) all.push({ ...one, start: one.start + from, end: one.end + from })
  }
  const findings = withoutOverlaps(all).filter(({ type, score }) => score >= threshold && wanted?.has(type) !== false)
  return { findings, truncated: end < text.length }
}

const names: readonly PiiType[] = ['person', 'address', 'place']

function inPiece(text: string, wanted: ReadonlySet<PiiType> | undefined): PiiFinding[] {
  const secrets = findSecrets(text).findings.map(({ kind, group, checked, start, end }) => {
    return { type: group === 'secret' ? 'secret' : typeOf(kind), start, end, score: checked ? 0.99 : 0.9 }
  })
  const formed = [...secrets, ...piiFormats.flatMap((format) => matches(text, format))]
  if (wanted !== undefined && !names.some((type) => wanted.has(type))) return formed
  return [
    ...formed,
    ...findNames(
      text,
      formed.filter(({ type }) => type !== 'postcode'),
    ),
  ]
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
    if (last === undefined || next.start >= last.end) kept.push(next)
    else if (next.score > last.score || (next.score === last.score && next.end - next.start > last.end - last.start)) {
      kept[kept.length - 1] = next
    }
  }
  return kept
}
