import { readAudit } from '../audit.ts'
import { asOwner } from '../caller.ts'
import { lineDifference } from '../line-difference.ts'
import { allowedTo, effectOf } from '../operations/permission.ts'
import type { Services } from '../operations/services.ts'
import { quantile } from './history.ts'
import type { CalledTool, FoundTools, ToolsView } from './wire.ts'

/** So many of the latest calls are counted. */
const lastCalls = 2000
const shownDescription = 200
const shownHits = 10

/** What is hosted, what waits for a person, and how calls ended. */
export async function toolsView({ host, store }: Pick<Services, 'host' | 'store'>): Promise<ToolsView> {
  const audit = await readAudit(store, lastCalls)
  return {
    servers: host.servers().map(({ name, transport, phase, protocol, tools, fromSnapshot, restarts, error }) => ({
      name,
      transport,
      phase,
      protocol: protocol ?? null,
      tools,
      from_snapshot: fromSnapshot,
      restarts,
      error: error ?? null,
    })),
    tools: host.catalogue().tools.map((tool) => ({
      name: tool.name,
      server: tool.server,
      effect: effectOf(tool),
      description: tool.description.trim().slice(0, shownDescription).toWellFormed(),
      quarantined: tool.quarantined ?? null,
    })),
    waiting: host.pins().map(({ name, server, kind, reason, pinned, offered, hash, since }) => ({
      name,
      server,
      kind,
      reason,
      difference: lineDifference(pinned === undefined ? '' : JSON.stringify(pinned, null, 2), JSON.stringify(offered, null, 2)),
      hash,
      since,
    })),
    calls: calledTools(audit.map(({ value }) => value)),
    calls_counted: audit.length,
  }
}

function calledTools(calls: readonly { tool: string; server: string; outcome: string; verdict: string; ms: number }[]): CalledTool[] {
  return [...Map.groupBy(calls, ({ tool }) => tool)]
    .map(([tool, own]) => ({
      tool,
      server: own[0]?.server ?? '',
      calls: own.length,
      outcomes: Object.fromEntries([...Map.groupBy(own, ({ outcome }) => outcome)].map(([outcome, all]) => [outcome, all.length])),
      p50_ms: quantile(
        own.map(({ ms }) => ms),
        0.5,
      ),
    }))
    .toSorted((one, other) => other.calls - one.calls)
}

/** As `find_tools` searches for the owner, and what each score was made of. Nothing is learnt from it. */
export async function searchTools(services: Services, need: string, signal: AbortSignal): Promise<FoundTools> {
  const found = await services.search.find({
    need,
    limit: shownHits,
    explain: true,
    allowed: allowedTo(services, asOwner()),
    learned: services.learning.ranking('local'),
    signal,
  })
  return {
    searched: found.searched,
    scored: found.scored,
    none_fits: found.noneFits,
    confidence: found.confidence,
    hits: found.hits.map(({ tool, score, made }) => ({
      name: tool.name,
      server: tool.server,
      score,
      unlearned: made?.unlearned ?? score,
      words: made?.words ?? 0,
      views: made?.views ?? [],
    })),
  }
}
