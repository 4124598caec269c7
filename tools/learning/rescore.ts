import type { LearnedModel, LearnedRanking } from './learned.ts'

// The usual constants of OATS: towards what went well, less strongly away from what failed.
const towards = 0.3
const away = 0.1
const leastAccepted = 4

export function createLearned({ id, facts, vectors }: LearnedModel): LearnedRanking {
  const places = new Map(facts.tools.map((tool, place) => [tool.name, place]))
  return {
    id,
    rescore({ vector }, tools, scores) {
      if (!vector || vector.length !== facts.width) return scores
      return scores.map((score, index) => {
        const tool = tools[index]
        const place = tool && places.get(tool.name)
        const learned = place === undefined ? undefined : facts.tools[place]
        if (place === undefined || learned === undefined || learned.hash !== tool?.hash || learned.accepted < leastAccepted) return score
        const near = dot(vectors, 2 * place * facts.width, vector)
        const far = dot(vectors, (2 * place + 1) * facts.width, vector)
        return (1 - towards) * score + towards * near - away * far
      })
    },
  }
}

function dot(vectors: Float32Array, start: number, vector: Float32Array): number {
  let sum = 0
  for (let index = 0; index < vector.length; index += 1) sum += (vectors[start + index] as number) * (vector[index] as number)
  return sum
}
