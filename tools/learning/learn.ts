import { createHash } from 'node:crypto'
import type { LearnedModel, LearnedTool, LearningBase, LearnOptions } from './learned.ts'
import type { ToolOutcome } from './outcome.ts'
import { lessonOf } from './teaching.ts'

// Work between two looks at the signal and the other work of the process.
const sliceMs = 10

/**
 * Learns where needs went well and where they did not. Pure: the same outcomes and tools give the same model.
 *
 * Works in slices, so that it may run beside other work; it needs nothing of its thread.
 */
export async function learn(outcomes: readonly ToolOutcome[], base: LearningBase, options: LearnOptions = {}): Promise<LearnedModel> {
  const hashes = new Map(base.tools.map((tool) => [tool.name, tool.hash]))
  const lessons = outcomes.filter((outcome) => hashes.get(outcome.tool) === outcome.hash && lessonOf(outcome) !== 0)
  const width = lessons[0]?.need.vector.length ?? 0
  const tools: LearnedTool[] = []
  const rows: Float32Array[] = []
  const groups = [...Map.groupBy(lessons, (outcome) => outcome.tool)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  let sliceEnds = performance.now() + sliceMs
  for (const [index, [name, own]] of groups.entries()) {
    const sums = { accepted: 0, failed: 0, towards: new Float32Array(width), away: new Float32Array(width) }
    for (const outcome of own) add(sums, outcome.need.vector, lessonOf(outcome))
    tools.push({ name, hash: own[0]?.hash ?? '', accepted: sums.accepted, failed: sums.failed })
    rows.push(scaled(sums.towards, sums.accepted), scaled(sums.away, sums.failed))
    if (performance.now() < sliceEnds) continue
    options.onProgress?.((index + 1) / groups.length)
    await new Promise((resolve) => setImmediate(resolve))
    options.signal?.throwIfAborted()
    sliceEnds = performance.now() + sliceMs
  }
  options.signal?.throwIfAborted()
  const vectors = new Float32Array(rows.length * width)
  for (const [index, row] of rows.entries()) vectors.set(row, index * width)
  const facts = { width, tools }
  const id = createHash('sha256').update(JSON.stringify(facts)).update(new Uint8Array(vectors.buffer)).digest('hex')
  return { id, facts, vectors }
}

function add(
  sums: { accepted: number; failed: number; towards: Float32Array; away: Float32Array },
  vector: Float32Array,
  lesson: number,
): void {
  const weight = Math.abs(lesson)
  const target = lesson > 0 ? sums.towards : sums.away
  if (lesson > 0) sums.accepted += weight
  else sums.failed += weight
  for (let index = 0; index < target.length; index += 1) target[index] = (target[index] as number) + weight * (vector[index] as number)
}

function scaled(sum: Float32Array, weight: number): Float32Array {
  return weight === 0 ? sum : sum.map((value) => value / weight)
}
