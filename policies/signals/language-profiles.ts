import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/**
 * How often groups of four bytes stand in the words of a language: those of ELD's smallest table (Apache-2.0), which was made of much
 * text of 60 languages, packed by `scripts/pack-languages.ts`. Languages that have a script to themselves are left out.
 */
export interface LanguageProfiles {
  readonly languages: readonly string[]
  /** Hashes of the groups, ascending. */
  readonly keys: Uint32Array
  /** Where in `pairs` the languages of a group begin. */
  readonly starts: Uint32Array
  /** A language's place, with the highest bit set on the last of a group, and its weight. */
  readonly pairs: Uint8Array
}

const headerSchema = z.strictObject({
  format: z.literal('signalbox-languages'),
  version: z.literal(1),
  languages: z.array(z.string().min(2).max(3)).min(2).max(127),
  groups: z.int().min(1).max(1_000_000),
  made_of: z.string().max(400),
})

/** What ELD took off each weight to save space, and what it divides by to come to 0–1. */
const baseWeight = 53
const scale = 25
const lastOfGroup = 0x80
const longestWord = 70

let loading: Promise<LanguageProfiles> | undefined

/** The profiles that come with Signalbox, read once. */
export function shippedProfiles(): Promise<LanguageProfiles> {
  const file = fileURLToPath(new URL('trained/languages.head', import.meta.url))
  loading ??= readFile(file).then((bytes) => decodeProfiles(bytes, file))
  return loading
}

/** Of each language 0–1: how much the words of the text look like its words. Languages without any are left out. */
export function profileScores({ languages, keys, starts, pairs }: LanguageProfiles, words: readonly string[]): Map<string, number> {
  const groups = new Set(words.flatMap(groupsOf))
  const sums = new Float64Array(languages.length)
  for (const key of groups) {
    const place = find(keys, key)
    if (place < 0) continue
    for (let at = starts[place] as number; ; at += 2) {
      const language = pairs[at] as number
      const index = language & ~lastOfGroup
      sums[index] = (sums[index] as number) + (pairs[at + 1] as number) + baseWeight
      if (language & lastOfGroup) break
    }
  }
  const scores = new Map<string, number>()
  for (const [index, sum] of sums.entries()) {
    if (sum === 0) continue
    const mean = sum / groups.size
    scores.set(languages[index] as string, mean / (mean + scale))
  }
  return scores
}

/** Hashes of a word's groups of four bytes, three apart, with a space where it begins or ends. */
function groupsOf(word: string): number[] {
  const bytes = Buffer.from(word, 'utf8')
  const length = Math.min(bytes.length, longestWord)
  const groups: number[] = []
  let at = 0
  for (; at + 4 < length; at += 3) groups.push(hashOf(bytes.subarray(at, at + 4), { begins: at === 0, ends: false }))
  const from = length === 3 ? 0 : Math.max(0, length - 4)
  groups.push(hashOf(bytes.subarray(from, bytes.length), { begins: at === 0, ends: true }))
  return groups
}

/** FNV-1a of the bytes. */
export function hashOf(bytes: Uint8Array, { begins, ends }: { readonly begins: boolean; readonly ends: boolean }): number {
  let hash = 0x811c9dc5
  const add = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  if (begins) add(32)
  for (const byte of bytes) add(byte)
  if (ends) add(32)
  return hash >>> 0
}

function find(keys: Uint32Array, key: number): number {
  let [low, high] = [0, keys.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const there = keys[middle] as number
    if (there === key) return middle
    if (there < key) low = middle + 1
    else high = middle - 1
  }
  return -1
}

export function encodeProfiles({ languages, keys, pairs }: Omit<LanguageProfiles, 'starts'>, madeOf: string): Uint8Array {
  const header: z.input<typeof headerSchema> = {
    format: 'signalbox-languages',
    version: 1,
    languages: [...languages],
    groups: keys.length,
    made_of: madeOf,
  }
  const numbers = Buffer.alloc(keys.length * 4)
  for (const [place, key] of keys.entries()) numbers.writeUInt32LE(key, place * 4)
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'), numbers, pairs])
}

/**
 * @param file - For messages.
 * @throws {Error} If it is not a whole file of this version.
 */
function decodeProfiles(bytes: Uint8Array, file: string): LanguageProfiles {
  const end = bytes.indexOf(10)
  const { languages, groups } = headerSchema.parse(JSON.parse(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8')))
  const numbers = Buffer.from(bytes.subarray(end + 1))
  const keys = Uint32Array.from({ length: groups }, (_, place) => numbers.readUInt32LE(place * 4))
  const pairs = Uint8Array.from(numbers.subarray(groups * 4))
  const starts = new Uint32Array(groups)
  let place = 0
  for (let at = 0; at < pairs.length; at += 2) {
    if (at === 0 || (pairs[at - 2] as number) & lastOfGroup) starts[place++] = at
  }
  if (place !== groups) throw new Error(`Cannot use the profiles in ${file}: they must be of ${groups} groups, are of ${place}`)
  return { languages, keys, starts, pairs }
}
