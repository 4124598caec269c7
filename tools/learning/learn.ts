import { createHash } from 'node:crypto'
import { type Head, trainHead } from './head.ts'
import type { LearnedFacts, LearnedHead, LearnedModel, LearningBase, LearnOptions } from './learned.ts'
import { keyOf, type Lesson, lessonsOf } from './lessons.ts'
import type { ToolOutcome } from './outcome.ts'
import { prototypesOf } from './prototypes.ts'
import { settle, unsettled } from './settings.ts'
import { togetherOf } from './together.ts'
import { type Transition, transitionsOf } from './transitions.ts'

// Work between two looks at the signal and the other work of the process.
const sliceMs = 10
// A head tells tools apart that served this often, once so many needs were served; before that, past needs alone do better.
const leastForHead = 2000
const leastOfTool = 4
// Of a large number of needs, a tenth is enough to choose settings by; of a small one, each is needed.
const smallParts = 5
const largeParts = 10

/**
 * Learns where needs went well and where they did not. Pure: the same outcomes and tools give the same model.
 *
 * How much each part says is chosen on needs that were set aside, so little or poor evidence ends in a small say or none.
 * Works in slices, so that it may run beside other work; it needs nothing of its thread.
 */
export async function learn(outcomes: readonly ToolOutcome[], base: LearningBase, options: LearnOptions = {}): Promise<LearnedModel> {
  const pause = createPause(options)
  await pause(0)
  const lessons = lessonsOf(outcomes, base.tools)
  const served = lessons.filter(({ weight }) => weight > 0)
  const isLarge = served.length >= leastForHead
  const parts = isLarge ? largeParts : smallParts
  const partOf = (key: string) => createHash('sha1').update(`part ${key}`).digest().readUInt32BE(0) % parts

  const part = new Map(lessons.map((lesson) => [lesson, partOf(lesson.key)]))
  const partOfOutcome = new Map(outcomes.map((outcome) => [outcome, partOf(keyOf(outcome.need))]))
  const head = isLarge
    ? await headOf(
        served.filter((lesson) => part.get(lesson) !== 0),
        (share) => pause(0.45 * share),
      )
    : undefined
  const asides = Array.from({ length: isLarge ? 1 : parts }, (_, aside) => ({
    model: modelOf(
      lessons.filter((lesson) => part.get(lesson) !== aside),
      togetherOf(
        outcomes.filter((outcome) => partOfOutcome.get(outcome) !== aside),
        base.tools,
      ),
      base,
      head,
    ),
    needs: served.filter((lesson) => part.get(lesson) === aside),
  }))
  const settings = await settle(asides, base, pause)
  // What was set aside teaches too, once the settings are chosen.
  const fullHead = settings.head ? await headOf(served, (share) => pause(0.55 + 0.45 * share)) : undefined
  const model = modelOf(lessons, togetherOf(outcomes, base.tools), base, fullHead)
  return named({ ...model.facts, settings: lessons.length === 0 ? unsettled : settings }, model.vectors)
}

type Pause = (share: number) => Promise<void>

function createPause({ signal, onProgress }: LearnOptions): Pause {
  let sliceEnds = performance.now() + sliceMs
  return async (share) => {
    signal?.throwIfAborted()
    if (performance.now() < sliceEnds) return
    onProgress?.(share)
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    sliceEnds = performance.now() + sliceMs
  }
}

/** By place among all tools. */
interface TrainedHead {
  readonly head: Head
  readonly tools: readonly number[]
}

async function headOf(served: readonly Lesson[], pause: Pause): Promise<TrainedHead | undefined> {
  const tools = [...Map.groupBy(served, ({ tool }) => tool)]
    .filter(([, own]) => own.length >= leastOfTool)
    .map(([tool]) => tool)
    .toSorted((a, b) => a - b)
  if (tools.length < 2) return undefined
  const places = new Map(tools.map((tool, place) => [tool, place]))
  const examples = [...Map.groupBy(served, ({ key }) => key).values()].flatMap((own) => {
    const known = own.filter(({ tool }) => places.has(tool))
    const total = known.reduce((sum, { weight }) => sum + weight, 0)
    const shares = known.map(({ tool, weight }) => ({ tool: places.get(tool) as number, share: weight / total }))
    return known[0] ? [{ need: known[0].need, shares }] : []
  })
  return { head: await trainHead(examples, tools.length, pause), tools }
}

function modelOf(
  lessons: readonly Lesson[],
  together: readonly Transition[],
  base: LearningBase,
  trained: TrainedHead | undefined,
): LearnedModel {
  const prototypes = [...prototypesOf(lessons)]
  const width = lessons[0]?.need.vector.length ?? 0
  const byTool = Map.groupBy(lessons, ({ tool }) => tool)
  const places = new Map(prototypes.map(([tool], place) => [tool, place]))
  const tools = prototypes.map(([tool, { vectors }]) => {
    const { name, hash } = base.tools[tool] as LearningBase['tools'][number]
    const own = byTool.get(tool) ?? []
    return { name, hash, ...weightsOf(own), needs: vectors.length, words: wordsOf(own) }
  })
  const isKnown = trained?.tools.every((tool) => places.has(tool)) === true
  const head: LearnedHead | undefined =
    trained && isKnown
      ? {
          tools: trained.head.tools,
          places: trained.tools.map((tool) => places.get(tool) as number),
          vocabulary: trained.head.vocabulary,
          rarity: trained.head.rarity,
        }
      : undefined
  const rows = prototypes.flatMap(([, { vectors }]) => vectors)
  const vectors = new Float32Array(rows.length * width + (head && trained ? trained.head.numbers.length : 0))
  for (const [index, row] of rows.entries()) vectors.set(row, index * width)
  if (head && trained) vectors.set(trained.head.numbers, rows.length * width)
  const known = (among: readonly Transition[]) =>
    among.flatMap(({ from, to, lower }) => {
      const [first, second] = [places.get(from), places.get(to)]
      return first === undefined || second === undefined ? [] : [{ from: first, to: second, lower }]
    })
  const facts: LearnedFacts = {
    width,
    settings: unsettled,
    tools,
    servers: [...new Set(prototypes.map(([tool]) => base.tools[tool]?.server ?? ''))],
    weights: prototypes.flatMap(([, { weights }]) => weights),
    transitions: known(transitionsOf(lessons)),
    together: known(together),
    ...(head && { head }),
  }
  return { id: '', facts, vectors }
}

function weightsOf(lessons: readonly Lesson[]): { accepted: number; failed: number } {
  let accepted = 0
  let failed = 0
  for (const { weight } of lessons) {
    if (weight > 0) accepted += weight
    else failed -= weight
  }
  return { accepted, failed }
}

// The commonest tell most; a tool that served thousands of needs would else hold a dictionary.
const mostWordsOfTool = 500

function wordsOf(lessons: readonly Lesson[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { need, weight } of lessons) {
    if (weight > 0) for (const word of new Set(need.words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, mostWordsOfTool)
}

function named(facts: LearnedFacts, vectors: Float32Array): LearnedModel {
  const hash = createHash('sha256').update(JSON.stringify(facts))
  return { id: hash.update(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength)).digest('hex'), facts, vectors }
}
