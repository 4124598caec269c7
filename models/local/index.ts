export { type CacheCounts, type CachedEmbedder, withCache } from './cached.ts'
export { createEndpointEmbedder, type EndpointEmbedderOptions } from './endpoint.ts'
export { createMiniLM, type MiniLMEmbedder, type MiniLMOptions } from './minilm.ts'
export { identifiersToWords } from './wordpiece.ts'
