import { stringify } from 'yaml'
import { ConfigError } from '../../config/config-error.ts'
import type { Surroundings } from '../../config/folders.ts'
import { parseConfig } from '../../config/load.ts'
import type { ClientFile } from './clients.ts'
import { JsoncError, parseJsonc } from './jsonc.ts'

export interface Imported {
  /** Entries of `tools`, by the names they get there. */
  readonly servers: Record<string, Record<string, unknown>>
  /** What could not be taken over, and why. */
  readonly left: readonly { readonly client: string; readonly server: string; readonly reason: string }[]
}

/** The servers that clients have configured, as entries of `tools` that can run. The clients keep theirs. */
export function importServers(files: readonly { client: ClientFile; text: string }[], surroundings: Surroundings): Imported {
  const servers: Record<string, Record<string, unknown>> = {}
  const left: { client: string; server: string; reason: string }[] = []
  for (const { client, text } of files) {
    for (const [server, value] of serversIn(text, client)) {
      const leave = (reason: string) => left.push({ client: client.title, server, reason })
      const entry = toEntry(asMapping(value))
      const key = serverName(server)
      const known = servers[key]
      if (typeof entry === 'string') leave(entry)
      else if (known !== undefined) {
        if (JSON.stringify(known) !== JSON.stringify(entry)) leave(`another server is named ${key} already`)
      } else {
        const reason = whyNot(key, entry, surroundings)
        if (reason === undefined) servers[key] = entry
        else leave(reason)
      }
    }
  }
  return { servers, left }
}

/** A file that cannot be read has no servers to take over; that it cannot is said when Signalbox is registered there. */
function serversIn(text: string, client: ClientFile): [string, unknown][] {
  try {
    return Object.entries(asMapping(asMapping(parseJsonc(text))[client.servers])).filter(([name]) => name !== 'signalbox')
  } catch (error) {
    if (error instanceof JsoncError) return []
    throw error
  }
}

function whyNot(key: string, entry: Record<string, unknown>, surroundings: Surroundings): string | undefined {
  try {
    parseConfig(
      Buffer.from(stringify({ tools: { [key]: entry } })),
      { kind: 'embedded', path: undefined, ignored: undefined },
      surroundings,
    )
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw error
  }
}

/** The entry, or why there can be none. */
function toEntry(server: Readonly<Record<string, unknown>>): Record<string, unknown> | string {
  const { command, args, env, cwd, url, headers, type } = server
  if (type === 'sse') return 'it speaks the old HTTP+SSE transport'
  if (server['disabled'] === true) return 'it is disabled there'
  const entry: Record<string, unknown> = {}
  if (typeof command === 'string') Object.assign(entry, { command, args: asTexts(args), env: asTextMapping(env), cwd })
  else if (typeof url === 'string') Object.assign(entry, { url, headers: asTextMapping(headers) })
  else return 'it has neither command nor url'
  const kept = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined && !isEmpty(value)))
  const asked = /\$\{(?!env:)[^}]*\}/.exec(JSON.stringify(kept))?.[0]
  if (asked !== undefined) return `it needs ${asked} of its client`
  return mapTexts(kept, (text) =>
    text.replace(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => `\${${variable}}`),
  ) as Record<string, unknown>
}

function serverName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 32)
  return plain === '' ? 'server' : plain
}

function asMapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function asTextMapping(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asMapping(value)).map(([key, item]) => [key, String(item)]))
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]))
}
