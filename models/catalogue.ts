import type { Deployment, Modality, Price } from './deployment.ts'
import { familyOf, unknownFamily } from './families.ts'
import { imageRuleFor } from './images.ts'
import { findEmbeddingPrice, findPackageFacts, noPrice } from './prices.ts'

export { costOf, worstCaseCost } from './prices.ts'

/** Of a provider's configuration, what decides about its models. */
export interface ProviderFacts {
  readonly name: string
  readonly baseUrl: string
  /** Whether the base URL is this machine. */
  readonly loopback: boolean
  /** Whether the configuration says that this host counts as local. */
  readonly trustedLocal: boolean
  /** Wins over every known price. */
  readonly price?: Price | undefined
}

/** What somebody who knows the deployment says of it: wins over what is known of its family. */
export interface DeclaredFacts {
  readonly contextTokens?: number | undefined
  readonly maxOutputTokens?: number | undefined
  /** Added to what the family takes, when nobody knows the model. */
  readonly modalities?: readonly Modality[] | undefined
  readonly toolCalls?: boolean | undefined
}

/**
 * Everything that must be known of a deployment before a step may go there.
 *
 * Prices: the configuration's, else 0 on loopback, else the price package's, else `null`. Limits: what is declared,
 * else the package's window and the family's own figures, else cautious ones; `source` says which.
 */
export async function describeDeployment(provider: ProviderFacts, model: string, declared: DeclaredFacts = {}): Promise<Deployment> {
  const family = familyOf(model)
  const known = family ?? unknownFamily
  const listed = provider.loopback ? undefined : await findPackageFacts(model, provider.baseUrl)
  const contextTokens = declared.contextTokens ?? listed?.contextTokens ?? known.contextTokens
  const extra = family === undefined ? (declared.modalities ?? []) : []
  return Object.freeze({
    id: `${provider.name}/${model}`,
    provider: provider.name,
    model,
    local: provider.loopback || provider.trustedLocal,
    contextTokens,
    maxOutputTokens: Math.min(declared.maxOutputTokens ?? known.maxOutputTokens, contextTokens),
    ...(family === undefined && declared.maxOutputTokens === undefined && { limitsAreGuessed: true }),
    modalities: Object.freeze([...new Set([...known.modalities, ...extra])]),
    toolCalls: declared.toolCalls ?? known.toolCalls,
    imageRule: imageRuleFor(model).name,
    price: provider.price ?? (provider.loopback ? noPrice : (listed?.price ?? null)),
    source: [
      declared.contextTokens !== undefined && 'declared',
      listed?.price.source,
      family ? 'built-in table' : 'unknown model, cautious limits',
    ]
      .filter((source) => typeof source === 'string')
      .join(', '),
  })
}

/** As prices of deployments are found; `null`: nobody knows. */
export async function embeddingPrice({ price, loopback, baseUrl }: ProviderFacts, model: string): Promise<Price | null> {
  return price ?? (loopback ? noPrice : ((await findEmbeddingPrice(model, baseUrl)) ?? null))
}
