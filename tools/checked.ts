import { readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asObject, type Definition, hashesOf, knowHashes, type Listing } from './definitions.ts'
import { programHash } from './program-hash.ts'
import { knowNames, namesOf } from './shadowing.ts'
import { knowSuspicion, scannedOf } from './suspicion.ts'

/*
 * What was found out about each definition of a listing, kept beside it: most of a start with thousands of known tools would be
 * finding it out again. It is kept in one value with the definitions themselves, so neither can come without the other.
 */

const kinds = ['tools', 'prompts', 'resources', 'templates'] as const

/** Hashes, suspicions, and which names a definition is like or speaks of, as JSON. */
export function checkedOf(listing: Listing): Record<string, unknown> {
  const found = kinds.map((kind) => [kind, listing[kind].map((definition) => findingsOf(definition, kind === 'tools'))] as const)
  return { by: checkedBy(), ...Object.fromEntries(found) }
}

/**
 * Takes up what `checkedOf` found of the same listing. What other rules found is not taken up.
 *
 * @returns Whether it was; what was not is found out when it is asked for.
 */
export function recallChecked(listing: Listing, checked: unknown): boolean {
  const kept = asObject(checked)
  if (kept?.['by'] !== checkedBy()) return false
  const isWhole = kinds.every((kind) => Array.isArray(kept[kind]) && kept[kind].length === listing[kind].length)
  if (!isWhole) return false
  for (const kind of kinds) {
    for (const [place, definition] of listing[kind].entries()) recall(definition, (kept[kind] as unknown[])[place])
  }
  return true
}

type Findings = readonly [
  pinned: string,
  whole: string,
  characters: number,
  suspicion: string | null,
  looks?: string | null,
  mentions?: readonly string[],
]

function findingsOf(definition: Definition, isTool: boolean): Findings {
  const { pinned, whole } = hashesOf(definition)
  const { characters, reason } = scannedOf(definition)
  if (!isTool) return [pinned, whole, characters, reason ?? null]
  const { looks, mentions } = namesOf(definition)
  return [pinned, whole, characters, reason ?? null, looks === definition['name'] ? null : looks, mentions]
}

function recall(definition: Definition, kept: unknown): void {
  const [pinned, whole, characters, reason, looks, mentions] = kept as Findings
  knowHashes(definition, { pinned, whole })
  knowSuspicion(definition, { characters, reason: reason ?? undefined })
  if (mentions !== undefined) knowNames(definition, { looks: looks ?? String(definition['name']), mentions })
}

let rules: string | undefined

/** The rules that definitions are checked by: the program's own text, so that no change of it can be forgotten. */
export function checkedBy(): string {
  rules ??= hashOfPrograms()
  return rules
}

function hashOfPrograms(): string {
  const ending = extname(fileURLToPath(import.meta.url))
  const detect = new URL('../models/local/detect/', import.meta.url)
  const detectors = readdirSync(detect).filter((name) => name.endsWith(ending))
  return programHash([
    ...detectors.sort().map((name) => new URL(name, detect)),
    ...['checked', 'definitions', 'pins', 'shadowing', 'suspicion'].map((name) => new URL(`./${name}${ending}`, import.meta.url)),
  ])
}
