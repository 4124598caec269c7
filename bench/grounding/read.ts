import { evidenceOf } from '../../models/local/grounding/evidence.ts'
import { type ClaimReading, readClaims } from '../../models/local/grounding/features.ts'
import type { PreparedEmbedder } from '../learning/vectors.ts'
import type { GroundingExample } from './data.ts'

export interface ReadExample extends GroundingExample {
  readonly reading: ClaimReading
}

/** Examples of one source are read together, as the claims of one answer are. */
export async function readExamples(examples: readonly GroundingExample[], embedder: PreparedEmbedder): Promise<ReadExample[]> {
  const groups = Map.groupBy(examples, ({ sources }) => sources.join('\u0000'))
  await embedder.prepare(
    'grounding',
    [...groups.values()].flatMap((group) => [
      ...evidenceOf(group[0]?.sources.map((text) => ({ text })) ?? []).pieces.map(({ text }) => text),
      ...group.map(({ claim }) => claim),
    ]),
  )
  const read: ReadExample[] = []
  for (const group of groups.values()) {
    const evidence = evidenceOf(group[0]?.sources.map((text) => ({ text })) ?? [])
    const readings = await readClaims(
      group.map(({ claim }) => claim),
      { evidence, asked: group[0]?.asked },
      embedder,
    )
    for (const [at, one] of group.entries()) read.push({ ...one, reading: readings[at] as ClaimReading })
  }
  return read
}
