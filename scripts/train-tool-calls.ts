import { createMiniLM } from '../models/local/index.ts'
import { featureNames, featuresOf } from '../policies/tool-calls/suspicion.ts'
import { toolCallRows } from './tool-calls/rows.ts'

/*
 * Fits the weights in `policies/tool-calls/suspicion.ts`: `node scripts/train-tool-calls.ts` prints them. Every other request is learnt
 * from; the others are left for `npm run bench -- safety`.
 */
const strength = 0.02
const steps = 4000

const embedder = createMiniLM()
const rows = toolCallRows().filter(({ isHeldOut }) => !isHeldOut)
const examples = await Promise.all(
  rows.map(async ({ call, isAsked }) => {
    const features = await featuresOf(call, embedder)
    return { input: [...featureNames.map((name) => features[name]), 1], target: isAsked ? 0 : 1 }
  }),
)
await embedder.close()

const asked = examples.filter(({ target }) => target === 0).length
const weights = new Float64Array(featureNames.length + 1)
for (let step = 0; step < steps; step += 1) {
  const slope = new Float64Array(weights.length)
  for (const { input, target } of examples) {
    const sum = input.reduce((total, value, place) => total + value * (weights[place] as number), 0)
    const share = 0.5 / (target === 0 ? asked : examples.length - asked)
    for (const [place, value] of input.entries())
      slope[place] = (slope[place] as number) + share * (1 / (1 + Math.exp(-sum)) - target) * value
  }
  for (const [place, value] of slope.entries()) {
    const held = place === featureNames.length ? 0 : strength * (weights[place] as number)
    weights[place] = (weights[place] as number) - 1.5 * (value + held / 10)
  }
}
const rounded = (place: number) => Math.round((weights[place] as number) * 100) / 100
console.log(
  JSON.stringify({
    offset: rounded(featureNames.length),
    ...Object.fromEntries(featureNames.map((name, place) => [name, rounded(place)])),
  }),
)
