import { blend, createEvidence, type Evidence, type Places } from './evidence.ts'
import { gainAt } from './gain.ts'
import type { LearnedModel, LearnedSettings, LearningBase } from './learned.ts'
import type { Lesson } from './lessons.ts'

/** What was learnt from some needs, and others to try it on. */
export interface Aside {
  readonly model: LearnedModel
  readonly needs: readonly Lesson[]
}

/** Nothing that was learnt has a say. */
export const unsettled: LearnedSettings = { fit: 0, server: 0, follows: 0, together: 0, unseen: 0.01, head: false, words: 0, sharpness: 1 }

// Enough to tell settings apart; more takes time for nothing.
const mostTried = 800
// A setting must gain this much in the mean for each further part it gives a say, or it follows chance.
const leastGain = 0.002
// What serves together is learnt of pairs, and of few outcomes by chance: where a tenth of them was told the wrong way round, a smaller
// gain on needs set aside was none on others (BFCL, tuning half: nDCG@5 .845 instead of .849).
const leastGainTogether = 0.005

interface Tried {
  readonly scores: Float64Array
  readonly evidence: Evidence | undefined
  readonly places: Places
  readonly tool: number
}

/** Chooses the settings that rank needs best which the models did not learn from: one part after another, the strongest first. */
export async function settle(
  asides: readonly Aside[],
  base: LearningBase,
  pause: (share: number) => Promise<void>,
): Promise<LearnedSettings> {
  const tried = await collect(asides, base, pause)
  if (tried.length === 0) return unsettled
  let best = unsettled
  let bestGain = meanGain(tried, best)

  const choose = async (candidates: readonly LearnedSettings[], least: number) => {
    const before = bestGain
    for (const candidate of candidates) {
      const gain = meanGain(tried, candidate)
      if (gain > bestGain && gain >= before + least) {
        best = candidate
        bestGain = gain
      }
      await pause(0.5)
    }
  }

  const hasHead = asides.some(({ model }) => model.facts.head !== undefined)
  const fits = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10, 30]
  await choose(
    [0.0001, 0.01].flatMap((unseen) => fits.map((fit) => ({ ...unsettled, fit, unseen }))),
    leastGain,
  )
  if (hasHead) {
    await choose(
      [1, 0.6, 0.4].flatMap((sharpness) =>
        [0, 2, 4].flatMap((words) => fits.map((fit) => ({ ...best, fit, head: true, words, sharpness }))),
      ),
      leastGain,
    )
  } else if (best.fit > 0) {
    await choose(
      [1, 0.6].flatMap((sharpness) => [0, 1, 3].map((words) => ({ ...best, words, sharpness }))),
      leastGain,
    )
  }
  await choose(
    [0.05, 0.1, 0.2].map((server) => ({ ...best, server })),
    leastGain,
  )
  await choose(
    [0.1, 0.2, 0.4].map((follows) => ({ ...best, follows })),
    leastGain,
  )
  await choose(
    [0.2, 0.4, 0.8, 1.2].map((together) => ({ ...best, together })),
    leastGainTogether,
  )
  return best
}

async function collect(asides: readonly Aside[], base: LearningBase, pause: (share: number) => Promise<void>): Promise<Tried[]> {
  const all = asides.flatMap(({ model, needs }) => {
    const evidenceFor = createEvidence(model)
    const places = placesIn(model, base)
    return needs.map((lesson) => ({ lesson, evidenceFor, places }))
  })
  const every = Math.max(1, Math.ceil(all.length / mostTried))
  const tried: Tried[] = []
  for (const { lesson, evidenceFor, places } of all.filter((_, index) => index % every === 0)) {
    const used = lesson.previous === undefined ? [] : [base.tools[lesson.previous]?.name ?? '']
    const scores = await base.scores(lesson.need)
    tried.push({ scores, evidence: evidenceFor({ ...lesson.need, used }), places, tool: lesson.tool })
    await pause(0.45)
  }
  return tried
}

function placesIn({ facts }: LearnedModel, { tools }: LearningBase): Places {
  const learned = new Map(facts.tools.map((tool, place) => [tool.name, place]))
  const servers = new Map(facts.servers.map((server, place) => [server, place]))
  return {
    places: Int32Array.from(tools, ({ name }) => learned.get(name) ?? -1),
    servers: tools.map(({ server }) => servers.get(server) ?? -1),
  }
}

function meanGain(tried: readonly Tried[], settings: LearnedSettings): number {
  const gains = tried.map(({ scores, evidence, places, tool }) =>
    gainAt(evidence ? blend(scores, evidence, settings, places) : scores, tool),
  )
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length
}
