import type { HostedTool } from '../tool.ts'
import { blend, createEvidence } from './evidence.ts'
import type { LearnedModel, LearnedRanking } from './learned.ts'

/** Ranks by a model. Holds its numbers and nothing of the needs that are asked. */
export function createLearned(model: LearnedModel): LearnedRanking {
  const evidenceFor = createEvidence(model)
  const learned = new Map(model.facts.tools.map((tool, place) => [tool.name, place]))
  const servers = new Map(model.facts.servers.map((server, place) => [server, place]))
  const placeOf = ({ name, hash }: HostedTool) => {
    const place = learned.get(name)
    return place !== undefined && model.facts.tools[place]?.hash === hash ? place : -1
  }

  return {
    id: model.id,
    rescore(query, tools, scores) {
      const evidence = evidenceFor(query)
      if (evidence === undefined) return scores
      const places = { places: Int32Array.from(tools, placeOf), servers: tools.map(({ server }) => servers.get(server) ?? -1) }
      return blend(scores, evidence, model.facts.settings, places)
    },
  }
}
