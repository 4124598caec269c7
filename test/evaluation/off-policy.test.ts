import { expect, test } from 'vitest'
import { chanceOf } from '../../policies/chance.ts'
import { estimateOffPolicy, type LoggedChoice } from '../../src/evaluation/off-policy.ts'

/** Two models, one right on 80 % of the steps, the other on 50 %; the log chose the better one with a probability of 0.3. */
function logged(steps: number, expectations: { better: number; worse: number }): LoggedChoice[] {
  const chance = chanceOf('off-policy')
  return Array.from({ length: steps }, () => {
    const better = chance() < 0.3
    const reward = chance() < (better ? 0.8 : 0.5) ? 1 : 0
    return {
      reward,
      propensity: better ? 0.3 : 0.7,
      target: better ? 1 : 0,
      expectedLogged: better ? expectations.better : expectations.worse,
      expectedTarget: expectations.better,
    }
  })
}

test('estimateOffPolicy() finds what always choosing the better model would earn, within its interval', () => {
  const { logged: done, inversePropensity, doublyRobust, overlapping } = estimateOffPolicy(logged(4000, { better: 0.7, worse: 0.6 }))

  expect(done?.value).toBeCloseTo(0.59, 1)
  for (const estimate of [inversePropensity, doublyRobust]) {
    expect(estimate?.low).toBeLessThan(0.8)
    expect(estimate?.high).toBeGreaterThan(0.8)
    expect((estimate?.high ?? 1) - (estimate?.low ?? 0)).toBeLessThan(0.12)
  }
  expect(overlapping).toBeGreaterThan(1000)
})

test('estimateOffPolicy() says nothing by inverse propensity where both never agree, and leaves the interval open with one step', () => {
  const apart = logged(50, { better: 0.8, worse: 0.5 }).map((one) => ({ ...one, target: 0 }))

  expect(estimateOffPolicy(apart)).toMatchObject({ overlapping: 0, inversePropensity: null })
  expect(estimateOffPolicy(apart.slice(0, 1)).doublyRobust).toMatchObject({ low: 0, high: 1 })
  expect(estimateOffPolicy([])).toMatchObject({ steps: 0, logged: null, doublyRobust: null })
})
