import type { Embedder } from '../../embedder.ts'
import type { Grounding, UnborneClaim } from '../../outcome.ts'
import type { SourceText } from '../../provider.ts'
import { claimsOf } from './claims.ts'
import { evidenceOf } from './evidence.ts'
import { readClaims, readerOf } from './features.ts'
import { groundingHead, scoreClaim } from './head.ts'

export interface GroundOptions {
  readonly embedder: Pick<Embedder, 'id' | 'embed' | 'embedWords'>
  readonly signal?: AbortSignal | undefined
  /** Below it a claim counts as not borne; the head's own unless told. */
  readonly threshold?: number | undefined
  /** What the person said. It bears nothing, but its numbers and names may be said again. */
  readonly asked?: string | undefined
}

const mostClaims = 40
const longestClaim = 600

/**
 * Whether an answer says what its sources say: each sentence that claims something is looked for in them.
 *
 * Numbers, dates, codes and names must stand in a source, and the head must find that the sentence says what one says. It reads English,
 * and knows nothing of the world: what is true and stands in no source is not borne, and what a source says falsely is.
 *
 * @throws {Error} Where the embedder cannot run.
 */
export async function ground(
  answer: string,
  sources: readonly SourceText[],
  { embedder, signal, threshold, asked }: GroundOptions,
): Promise<Grounding> {
  const head = groundingHead()
  if (embedder.id !== head.embedder) return unscored(`the head was trained on vectors of ${head.embedder}, the embedder is ${embedder.id}`)
  const reader = readerOf(embedder, signal)
  if (reader === undefined) return unscored(`${embedder.id} knows whole texts alone, the head reads words`)
  const evidence = evidenceOf(sources)
  if (evidence.pieces.length === 0) return unscored('the step was given no text to compare the answer with')
  const all = claimsOf(answer)
  if (all.length === 0) return unscored('the answer claims nothing')
  const claims = all.slice(0, mostClaims)
  const readings = await readClaims(
    claims.map(({ text }) => text.slice(0, longestClaim).toWellFormed()),
    { evidence, asked },
    reader,
  )
  const least = threshold ?? head.threshold
  const unborne = claims.flatMap(({ start, end }, at): UnborneClaim[] => {
    const reading = readings[at]
    if (reading === undefined) return []
    const score = Math.round(scoreClaim(head, reading.features) * 1000) / 1000
    if (reading.missing.length > 0) return [{ start, end, score, why: 'exact' }]
    return score < least ? [{ start, end, score, why: 'meaning' }] : []
  })
  const share = 1 - unborne.length / claims.length
  return {
    verdict: unborne.length === 0 ? 'grounded' : share < 0.5 ? 'ungrounded' : 'partly',
    share: Math.round(share * 1000) / 1000,
    claims: claims.length,
    unborne,
    ...((evidence.truncated || all.length > claims.length) && { truncated: true }),
  }
}

function unscored(why: string): Grounding {
  return { verdict: 'unscored', unborne: [], why }
}
