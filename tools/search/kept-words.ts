import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import { programHash } from '../program-hash.ts'
import type { WordIndex } from './bm25.ts'

/*
 * The index of words of one catalogue as bytes: with thousands of tools, reading their texts again is most of what a start
 * has to do before the first search. It holds for the very same catalogue and the same rules of reading only.
 */

export function packWords(hash: string, words: WordIndex): Uint8Array {
  return serialize({ by: readBy(), hash, words })
}

/** @returns `undefined` for what was kept of another catalogue, by other rules, or cannot be read. */
export function unpackWords(hash: string, bytes: Uint8Array): WordIndex | undefined {
  try {
    const kept = deserialize(bytes) as { by: string; hash: string; words: WordIndex }
    return kept.by === readBy() && kept.hash === hash ? kept.words : undefined
  } catch {
    // Another version of the engine wrote it: the texts are read again, and it is written anew.
    return undefined
  }
}

let rules: string | undefined

function readBy(): string {
  const ending = extname(fileURLToPath(import.meta.url))
  const programs = ['./bm25', './views', './words', './tool-search', '../describe', '../../models/local/wordpiece']
  rules ??= programHash(programs.map((name) => new URL(`${name}${ending}`, import.meta.url)))
  return rules
}
