import type { Embedder } from '../models/embedder.ts'
import { createEndpointEmbedder, createMiniLM } from '../models/local/index.ts'
import type { Config } from './config/config.ts'

/** The one that the configuration names, else the built-in one. Neither is asked or loaded before it is used. */
export function createEmbedder({ embedder }: Pick<Config, 'embedder'>): Embedder {
  return embedder === undefined ? createMiniLM() : createEndpointEmbedder(embedder)
}
