import { randomHex } from '../../models/ids.ts'
import { noUsage } from '../../models/outcome.ts'
import { costOf } from '../../models/prices.ts'
import { PoolExhaustedError } from '../dispatch/errors.ts'
import { capsOf } from '../reach.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import type { ReadBody } from './read-body.ts'

/** What one call of an embedding model costs, reserved before it and settled once. */
export interface EmbeddingCost {
  /** Passes the answer's bytes on, and settles by the usage that they tell when they have ended; by the estimate when they break off. */
  metered(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** For what was not answered. */
  nothing(): Promise<void>
}

/** OpenAI's answers end with their usage, others' begin with it. */
const tellingBytes = 2048
const promptTokens = /"(?:prompt|total)_tokens"\s*:\s*(\d+)/

/** @throws {PoolExhaustedError} If a budget has no room for it. */
export async function reserveEmbedding(
  { embedding, budget, tokens }: GatewayServices,
  { grant }: GatewayRequest,
  { id, provider, model, input }: { id: string; provider: string; model: string; input: ReadBody['json'][string] },
): Promise<EmbeddingCost> {
  const price = await embedding.price(provider, model)
  const estimated = countOf(input, (text) => tokens.estimateText(text))
  const hold = await budget.reserve({
    principal: grant.principal,
    caps: capsOf(grant),
    decision: `embedding_${randomHex()}`,
    deployment: { id, price, maxOutputTokens: 0 },
    step: { inputTokens: estimated, maxOutputTokens: 0 },
    maxCostUsd: undefined,
  })
  if (hold === undefined) {
    const error = { kind: 'budget', message: 'the budget has no room for what it may cost' }
    throw new PoolExhaustedError([{ deployment: id, startedAt: 0, durationMs: 0, error }], { kind: 'budget' })
  }
  const settle = (inputTokens: number) => hold.settle(price === null ? null : costOf({ ...noUsage, inputTokens }, price))

  return {
    nothing: () => hold.settle(0),
    async *metered(body) {
      let first = ''
      let last = ''
      let isWhole = false
      try {
        for await (const piece of body) {
          const text = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
          if (first.length < tellingBytes) first += text.slice(0, tellingBytes)
          last = (last + text.slice(-tellingBytes)).slice(-tellingBytes)
          yield piece
        }
        isWhole = true
      } finally {
        const told = isWhole ? (promptTokens.exec(last) ?? promptTokens.exec(first))?.[1] : undefined
        await settle(told === undefined ? estimated : Number(told))
      }
    },
  }
}

/** Texts, or tokens that the client has counted out itself. */
function countOf(input: unknown, estimate: (text: string) => number): number {
  if (typeof input === 'string') return estimate(input)
  if (typeof input === 'number') return 1
  return Array.isArray(input) ? input.reduce((sum: number, one) => sum + countOf(one, estimate), 0) : 0
}
