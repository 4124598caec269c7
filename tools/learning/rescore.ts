import type { HostedTool } from '../tool.ts'
import { blend, createEvidence } from './evidence.ts'
import type { LearnedModel, LearnedRanking } from './learned.ts'

/** Ranks by a model. Holds its numbers and nothing of the needs that are asked. */
export function createLearned(model: LearnedModel): LearnedRanking {
  const evidenceFor = createEvidence(model)
  // A search hands over the same list until the catalogue or the caller changes.
  let known: { tools: readonly HostedTool[]; places: Int32Array; servers: readonly number[] } | undefined

  const placesOf = (tools: readonly HostedTool[]) => {
    if (known?.tools !== tools) {
      const learned = new Map(model.facts.tools.map((tool, place) => [tool.name, place]))
      const servers = new Map(model.facts.servers.map((server, place) => [server, place]))
      const places = Int32Array.from(tools, ({ name, hash }) => {
        const place = learned.get(name)
        return place !== undefined && model.facts.tools[place]?.hash === hash ? place : -1
      })
      known = { tools, places, servers: tools.map(({ server }) => servers.get(server) ?? -1) }
    }
    return known
  }

  return {
    id: model.id,
    rescore(query, tools, scores) {
      const { places, servers } = placesOf(tools)
      const evidence = evidenceFor(query)
      return evidence === undefined ? scores : blend(scores, evidence, model.facts.settings, { places, servers })
    },
  }
}
