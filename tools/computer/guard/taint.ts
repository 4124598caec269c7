import { createHash } from 'node:crypto'
import type { ComputerAction } from '../../../models/computer/action.ts'
import type { Taint } from '../../../models/taint.ts'
import type { Finding } from './verdict.ts'

/** What was read in the thread: texts, or the marks that `marksOf` has made of them, so that nobody need keep the texts. */
export interface ReadValue {
  /** From where, as a person would say it: "the inbox", "files_read". */
  readonly source: string
  readonly kind: 'private' | 'untrusted'
  readonly text?: string | undefined
  readonly marks?: ReadonlySet<string> | undefined
}

export interface TaintInput {
  readonly action: ComputerAction
  readonly taint: Taint
  /** Whether the action can carry something out: what the consent layer says of it. */
  readonly sends: boolean
  readonly read?: readonly ReadValue[] | undefined
  /** What was typed since the page was last left, oldest first: a value may be typed in pieces. */
  readonly typedBefore?: readonly string[] | undefined
  /** What the person has asked for; a value that stands in it is the person's own. */
  readonly task?: string | undefined
}

/**
 * The Rule of Two: what strangers wrote, what is private and a way out do not meet without a person. And whether what is typed, or written
 * into an address, was read before: as it is, in pieces, with other spaces or capitals, backwards, or in Base64, hexadecimal or percent signs.
 */
export function checkTaint({ action, taint, sends, read = [], typedBefore = [], task = '' }: TaintInput): readonly Finding[] {
  const found: Finding[] = []
  const out = outgoing(action)
  const carries = out !== undefined ? carriedBy(out, typedBefore, read, task) : []
  for (const { source, kind, score } of carries) {
    const isPrivate = kind === 'private'
    found.push({
      layer: 'taint',
      verdict: isPrivate ? (taint.untrustedRead ? 'deny' : 'confirm') : 'confirm',
      code: isPrivate ? 'exfiltration' : 'copied-untrusted',
      reason: isPrivate
        ? `what is ${action.type === 'navigate' ? 'in the address' : 'typed'} was read from ${source}, which is private`
        : `what is ${action.type === 'navigate' ? 'in the address' : 'typed'} comes from ${source}, which strangers may have written`,
      score,
    })
  }
  if (sends && taint.untrustedRead && taint.privateRead) {
    found.push({
      layer: 'taint',
      verdict: 'confirm',
      code: 'rule-of-two',
      reason: 'the thread has read what strangers wrote and what is private, and this can carry something out',
    })
  }
  return found
}

/** Marks of a text that a copy of it shares: hashes of its short pieces, and of its words that look like a value. */
export function marksOf(text: string): ReadonlySet<string> {
  const plain = reduced(text)
  const marks = new Set<string>()
  for (const gram of gramsOf(plain)) marks.add(hash(gram))
  for (const value of valuesIn(text)) marks.add(hash(`=${value}`))
  return marks
}

const gramLength = 12
/** A shorter one is a common word. */
const shortestValue = 5
const longestRead = 200_000

function carriedBy(out: string, before: readonly string[], read: readonly ReadValue[], task: string) {
  const readings = decodings(out)
  const pieces = before.slice(-20)
  if (pieces.length > 0) readings.push(reduced(`${pieces.join('')}${out}`))
  const own = reduced(task)
  const grams = new Set(readings.flatMap((text) => gramsOf(text)).filter((gram) => !own.includes(gram)))
  const values = new Set([...decodedTexts(out), `${pieces.join('')}${out}`].flatMap(valuesIn).filter((value) => !own.includes(value)))
  return read.flatMap(({ source, kind, text, marks = text === undefined ? new Set<string>() : marksOf(text.slice(0, longestRead)) }) => {
    const shared = [...grams].filter((gram) => marks.has(hash(gram))).length
    // What strangers wrote is copied in pieces all the time: only much of it counts. Of what is private, a piece is enough.
    const isCopied = kind === 'private' ? shared > 0 || [...values].some((value) => marks.has(hash(`=${value}`))) : shared >= 20
    return isCopied ? [{ source, kind, score: Math.min(1, shared / Math.max(1, grams.size) || 1) }] : []
  })
}

function outgoing(action: ComputerAction): string | undefined {
  if (action.type === 'type') return action.text
  if (action.type === 'navigate') return carriedByAddress(action.url)
  return undefined
}

/** What an address says beyond where it goes. A host's own name may carry a value, too, and in capitals before it is read as an address. */
function carriedByAddress(url: string): string {
  const [, authority = '', rest = url] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url.trim()) ?? []
  return `${authority.split('.').slice(0, -2).join(' ')} ${rest}`
}

function reduced(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

function decodings(text: string): string[] {
  return [...new Set(decodedTexts(text).flatMap((one) => [reduced(one), reduced([...one].reverse().join(''))]))]
}

function decodedTexts(text: string): string[] {
  const all = [text]
  try {
    all.push(decodeURIComponent(text.replaceAll('+', ' ')))
  } catch {
    // Not an escaped text.
  }
  for (const one of [...all]) {
    for (const [blob] of one.matchAll(/[A-Za-z0-9+/_-]{8,}={0,2}/g)) all.push(Buffer.from(blob, 'base64').toString('utf8'))
    const joined = one.replace(/\s+/g, '')
    if (/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(joined)) all.push(Buffer.from(joined, 'base64').toString('utf8'))
    for (const [blob] of one.matchAll(/(?:[0-9a-f]{2}[\s:-]?){5,}/gi))
      all.push(Buffer.from(blob.replace(/[^0-9a-f]/gi, ''), 'hex').toString('utf8'))
  }
  return all
}

function gramsOf(plain: string): string[] {
  const grams: string[] = []
  for (let at = 0; at + gramLength <= plain.length; at += 1) grams.push(plain.slice(at, at + gramLength))
  return grams
}

/** Words that nobody writes by chance: with digits, or after a sign that a value follows. */
function valuesIn(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[^\s"'<>,;()[\]{}&=?]+/g) ?? []
  const joined = text.replace(/(?<=\d)[ -](?=\d)/g, '').match(/\d{5,}/g) ?? []
  return [...words, ...joined]
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word.length >= shortestValue && /\d/.test(word) && !/^(?:19|20)\d\d$|^\d{1,4}[-./:]\d{1,2}[-./:]\d{1,4}$/.test(word))
    .map(reduced)
}

/** Short, because there are many, and a chance hit in 2^48 is none. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 8)
}
