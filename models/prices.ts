import type { ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices'
import type { Price } from './deployment.ts'
import type { Usage } from './outcome.ts'

type Rates = Omit<Price, 'tiers' | 'source'>

/** The price package's version stands in each price's source, so that a figure can be looked up. */
const packageName = '@pydantic/genai-prices 0.1.8'

/** For models on this machine, which cost nothing but the machine. */
export const noPrice: Price = Object.freeze({ inputPerMillion: 0, outputPerMillion: 0, source: 'loopback' })

/** What the price package knows of a model: its rates today, and its context window. */
export interface PackageFacts {
  price: Price
  contextTokens: number | undefined
}

/**
 * Looks a model up in the price package, by the provider that serves the base URL.
 *
 * The package matches names loosely: it prices `claude-sonnet-5-5` as `claude-sonnet-5`, since one begins with the other.
 * A wrong price is worse than none, so only a name that means the same model counts: the package's own id or one of its
 * exact aliases, with or without a date. `undefined` for all else, and for a base URL that the package does not know.
 *
 * The package is 0.8 MB and is loaded at the first look-up, after the process has answered its first request.
 */
export async function findPackageFacts(model: string, baseUrl: string): Promise<PackageFacts | undefined> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  const found = calcPrice({}, model, { providerApiUrl: baseUrl })
  if (found === null || !isSameModel(model, found.model)) return undefined
  const price = toPrice(found.model_price)
  return price && { price, contextTokens: found.model.context_window }
}

/** What the package asks for the input of an embedding model, whose answer costs nothing. `undefined` as in `findPackageFacts`. */
export async function findEmbeddingPrice(model: string, baseUrl: string): Promise<Price | undefined> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  const found = calcPrice({}, model, { providerApiUrl: baseUrl })
  if (found === null || !isSameModel(model, found.model)) return undefined
  const rate = found.model_price['input_mtok']
  return typeof rate === 'number' ? { inputPerMillion: rate, outputPerMillion: 0, source: packageName } : undefined
}

/** US dollars for what was used. Rates of the highest tier that the input reaches count for the whole request. */
export function costOf(usage: Usage, price: Price): number {
  const rates = ratesFor(price, usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens)
  const oneHour = Math.min(usage.cacheWrite1hTokens ?? 0, usage.cacheWriteTokens)
  const { inputPerMillion, outputPerMillion } = rates
  const { cacheReadPerMillion = inputPerMillion, cacheWritePerMillion = inputPerMillion } = rates
  const { cacheWrite1hPerMillion = cacheWritePerMillion } = rates
  const micros =
    usage.inputTokens * inputPerMillion +
    usage.cacheReadTokens * cacheReadPerMillion +
    (usage.cacheWriteTokens - oneHour) * cacheWritePerMillion +
    oneHour * cacheWrite1hPerMillion +
    usage.outputTokens * outputPerMillion
  return micros / 1_000_000
}

/**
 * The most that a request of this size can cost: every input token at the dearest rate that it can meet, and all the
 * output it may have. Cache writes count with the five-minute lifetime, which is the only one that Signalbox asks for.
 */
export function worstCaseCost(inputTokens: number, maxOutputTokens: number, price: Price): number {
  const { inputPerMillion, outputPerMillion, cacheWritePerMillion = inputPerMillion } = ratesFor(price, inputTokens)
  return (inputTokens * Math.max(inputPerMillion, cacheWritePerMillion) + maxOutputTokens * outputPerMillion) / 1_000_000
}

function ratesFor(price: Price, inputTokens: number): Rates {
  return price.tiers?.findLast((tier) => inputTokens > tier.aboveInputTokens)?.price ?? price
}

function isSameModel(asked: string, found: ModelInfo): boolean {
  const name = asked.toLowerCase()
  return withoutDate(name) === withoutDate(found.id.toLowerCase()) || exactAliases(found.match).includes(name)
}

/** `claude-haiku-4-5-20251001`, `gpt-5-mini-2025-08-07` and `claude-opus-4.6-latest` name the model before their last part. */
function withoutDate(name: string): string {
  return name.replace(/(?:-latest|[-@]\d{8}|-\d{4}-\d{2}-\d{2})$/, '').replaceAll('.', '-')
}

function exactAliases(match: ModelInfo['match']): string[] {
  if ('equals' in match) return [match.equals]
  if ('or' in match) return match.or.flatMap(exactAliases)
  return []
}

function toPrice(rates: ModelPrice): Price | undefined {
  const base = ratesAbove(rates, 0)
  if (base === undefined) return undefined
  const starts = Object.values(rates).flatMap((rate) => (isTiered(rate) ? rate.tiers.map((tier) => tier.start) : []))
  const tiers = [...new Set(starts)]
    .toSorted((left, right) => left - right)
    .flatMap((start) => {
      const price = ratesAbove(rates, start + 1)
      return price === undefined ? [] : [{ aboveInputTokens: start, price }]
    })
  return { ...base, ...(tiers.length > 0 && { tiers }), source: packageName }
}

/** The rates for a request of this many input tokens; `undefined` without the two that every price needs. */
function ratesAbove(rates: ModelPrice, inputTokens: number): Rates | undefined {
  const rate = (key: string): number | undefined => {
    const value = rates[key]
    if (!isTiered(value)) return value
    return value.tiers.findLast((tier) => inputTokens > tier.start)?.price ?? value.base
  }
  const [inputPerMillion, outputPerMillion] = [rate('input_mtok'), rate('output_mtok')]
  if (inputPerMillion === undefined || outputPerMillion === undefined) return undefined
  const cacheReadPerMillion = rate('cache_read_mtok')
  const cacheWritePerMillion = rate('cache_write_mtok')
  const cacheWrite1hPerMillion = rate('cache_write_1h_mtok')
  return {
    inputPerMillion,
    outputPerMillion,
    ...(cacheReadPerMillion !== undefined && { cacheReadPerMillion }),
    ...(cacheWritePerMillion !== undefined && { cacheWritePerMillion }),
    ...(cacheWrite1hPerMillion !== undefined && { cacheWrite1hPerMillion }),
  }
}

function isTiered(rate: number | TieredPrices | undefined): rate is TieredPrices {
  return typeof rate === 'object'
}
