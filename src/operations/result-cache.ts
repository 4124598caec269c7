import { matchesAny } from '../../models/globs.ts'
import type { Policy } from '../../policies/index.ts'
import { canonicalJson } from '../../tools/definitions.ts'
import type { HostedTool, RawResult } from '../../tools/tool.ts'

/** Results of read-only tools, for as long as the policy says: in memory, never from one principal to another. */
export interface ResultCache {
  /** `undefined` where nothing may be kept for this call. */
  begin(call: CachedCall, rules: Policy['results']['cache']): CacheEntry | undefined
  /** Something of this server may have changed. */
  changed(server: string): void
  forget(principal: string): void
  counts(): { readonly kept: number; readonly hits: number; readonly misses: number }
}

export interface CachedCall {
  readonly principal: string
  readonly tool: HostedTool
  readonly args: Record<string, unknown>
}

export interface CacheEntry {
  /** The result of an earlier call, marked with its age. */
  readonly found: RawResult | undefined
  keep(result: RawResult): void
}

const mostEntries = 500
const mostBytes = 64_000_000
const largestBytes = 2_000_000

export function createResultCache(now: () => number): ResultCache {
  const entries = new Map<string, { readonly principal: string; readonly text: string; readonly server: string; readonly at: number }>()
  // What was asked before something changed says nothing after it.
  const changes = new Map<string, number>()
  let bytes = 0
  let hits = 0
  let misses = 0

  function remove(key: string): void {
    bytes -= entries.get(key)?.text.length ?? 0
    entries.delete(key)
  }

  return {
    begin({ principal, tool, args }, rules) {
      if (rules === undefined || !tool.readOnly || !matchesAny(tool.name, rules.tools)) return undefined
      const key = canonicalJson([principal, tool.server, tool.name, tool.hash, args])
      const entry = entries.get(key)
      const isFresh = entry !== undefined && now() - entry.at < rules.ttl_s * 1000
      if (isFresh) hits += 1
      else {
        misses += 1
        remove(key)
      }
      const change = changes.get(tool.server)
      return {
        found: isFresh ? marked(JSON.parse(entry.text) as RawResult, now() - entry.at) : undefined,
        keep(result) {
          const text = JSON.stringify(result)
          if (result['isError'] === true || text.length > largestBytes || changes.get(tool.server) !== change) return
          remove(key)
          entries.set(key, { principal, text, server: tool.server, at: now() })
          bytes += text.length
          for (const oldest of entries.keys()) {
            if (entries.size <= mostEntries && bytes <= mostBytes) break
            remove(oldest)
          }
        },
      }
    },

    changed(server) {
      changes.set(server, (changes.get(server) ?? 0) + 1)
      for (const [key, entry] of entries) if (entry.server === server) remove(key)
    },

    forget(principal) {
      for (const [key, entry] of entries) if (entry.principal === principal) remove(key)
    },

    counts: () => ({ kept: entries.size, hits, misses }),
  }
}

function marked(result: RawResult, ageMs: number): RawResult {
  const meta = (result['_meta'] ?? {}) as Record<string, unknown>
  return { ...result, _meta: { ...meta, 'signalbox/cached': { age_s: Math.floor(ageMs / 1000) } } }
}
