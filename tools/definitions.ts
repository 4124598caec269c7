import { createHash } from 'node:crypto'
import { matchesAny } from '../models/globs.ts'
import type { ServerOptions } from './tool.ts'

/** A tool, prompt, resource or template as its server lists it, its shape checked. */
export type Definition = Record<string, unknown>

/** All that a server lists, each kind in the server's order. */
export interface Listing {
  readonly tools: readonly Definition[]
  readonly prompts: readonly Definition[]
  readonly resources: readonly Definition[]
  readonly templates: readonly Definition[]
}

export const emptyListing: Listing = { tools: [], prompts: [], resources: [], templates: [] }

/** JSON with sorted keys: the same text for the same content, whatever the order in which a server sends it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const hashes = new WeakMap<Definition, { pinned: string; whole: string }>()

/**
 * `pinned` covers what a model is told of a tool, and so what may not change behind a person's back.
 * `whole` covers the definition with all that is passed on to clients.
 */
export function hashesOf(definition: Definition): { pinned: string; whole: string } {
  const known = hashes.get(definition)
  if (known) return known
  const { name, title, description, inputSchema, outputSchema, annotations } = definition
  const made = {
    pinned: sha256(canonicalJson({ name, title, description, inputSchema, outputSchema, annotations })),
    whole: sha256(canonicalJson(definition)),
  }
  hashes.set(definition, made)
  return made
}

/** Takes up the hashes of this very content, which were kept beside it. */
export function knowHashes(definition: Definition, kept: { pinned: string; whole: string }): void {
  hashes.set(definition, kept)
}

/** Whether configuration shows the tool at all: what is blocked is not listed, counted or named. */
export function isAllowed(tool: string, { allow, block }: Pick<ServerOptions, 'allow' | 'block'>): boolean {
  if (matchesAny(tool, block)) return false
  return allow.length === 0 || matchesAny(tool, allow)
}

/** A tool that runs as a task only cannot be called from here: nobody would fetch its result. */
export function needsTask(definition: Definition): boolean {
  return asObject(definition['execution'])?.['taskSupport'] === 'required'
}

/** Configuration first, then the annotation of a server that is trusted with it. Unknown means that it writes. */
export function isReadOnly(
  definition: Definition,
  { readOnly, trustAnnotations }: Pick<ServerOptions, 'readOnly' | 'trustAnnotations'>,
): boolean {
  if (readOnly === true || matchesAny(String(definition['name']), readOnly)) return true
  return trustAnnotations && annotationsOf(definition)?.['readOnlyHint'] === true
}

/** Of a tool that writes: whether it may destroy. MCP's default is that it may. */
export function isDestructive(definition: Definition, { trustAnnotations }: Pick<ServerOptions, 'trustAnnotations'>): boolean {
  return !(trustAnnotations && annotationsOf(definition)?.['destructiveHint'] === false)
}

/** Configuration first, then the annotation of a server that is trusted with it and whose definitions are pinned. Unknown means that it does not. */
export function staysInside(
  definition: Definition,
  { staysInside: globs = [], trustAnnotations, pin }: Pick<ServerOptions, 'staysInside' | 'trustAnnotations' | 'pin'>,
): boolean {
  if (globs === true || matchesAny(String(definition['name']), globs)) return true
  return trustAnnotations && pin !== 'off' && annotationsOf(definition)?.['openWorldHint'] === false
}

/**
 * Whether what a tool returns is nobody else's business. Where configuration is silent, a program of this machine reads this
 * machine, unless it is believed that it reads the world (`openWorldHint: true`) or only writes (`readOnlyHint: false`).
 */
export function readsPrivate(
  definition: Definition,
  { private: globs, transport, trustAnnotations }: Pick<ServerOptions, 'private' | 'transport' | 'trustAnnotations'>,
): boolean {
  if (typeof globs === 'boolean') return globs
  if (globs !== undefined) return matchesAny(String(definition['name']), globs)
  if (transport.kind !== 'stdio') return false
  const annotations = trustAnnotations ? annotationsOf(definition) : undefined
  return annotations?.['openWorldHint'] !== true && annotations?.['readOnlyHint'] !== false
}

export function annotationsOf(definition: Definition): Record<string, unknown> | undefined {
  return asObject(definition['annotations'])
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
}
