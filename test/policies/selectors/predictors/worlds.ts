import { chanceOf } from '../../../../policies/chance.ts'
import type { OutcomeRow } from '../../../../policies/selectors/predictors/predictor.ts'

export const models = ['p/large', 'p/small'] as const

/** Long sums that the small model fails, and greetings that both answer: told apart by text and by vector. */
export function world(count: number, salt = 'world'): OutcomeRow[] {
  const random = chanceOf(salt)
  return Array.from({ length: count }, (_, index) => {
    const hard = index % 2 === 0
    const number = () => Math.floor(random() * 900)
    const text = hard
      ? `Find the total of ${number()} apples and ${number()} pears, less ${number()} plums, each of which costs ${number()} dollars.`
      : `Say hello to ${['Ada', 'Ben', 'Cleo', 'Dan'][index % 4]}, and good day number ${index}`
    const scores = { 'p/large': random() < 0.9 ? 1 : 0, 'p/small': random() < (hard ? 0.1 : 0.95) ? 1 : 0 }
    return { text, vector: near(hard ? 0 : 1, random), features: [], scores }
  })
}

/** A vector of length 1 close to one of the first two axes of twelve. */
function near(axis: number, random: () => number): Float32Array {
  const raw = Float32Array.from({ length: 12 }, (_, index) => (index === axis ? 1 : 0) + (random() - 0.5) / 3)
  const length = Math.hypot(...raw)
  return raw.map((value) => value / length)
}

/** What `predict` says of each model. */
export function qualities(foretold: ReadonlyMap<string, { quality: number }>): Record<string, number> {
  return Object.fromEntries([...foretold].map(([model, { quality }]) => [model, quality]))
}
