import type { Embedder } from '../../models/embedder.ts'
import { isRedactedFor, type PrivacyGuard } from '../../policies/index.ts'
import { isLoopback } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { privacyOf } from './privacy.ts'

/**
 * An embedder that gets placeholders for what the policy keeps from models that are where it is.
 *
 * A text is covered by itself, so that the same text has the same vector in each request.
 */
export function privateEmbedder(embedder: Embedder, { local, guard }: { local: boolean; guard: () => PrivacyGuard | undefined }): Embedder {
  const shown = async (texts: readonly string[]) => {
    const now = guard()
    if (now === undefined || !isRedactedFor(now, { local })) return texts
    const privacy = privacyOf(now)
    return await Promise.all(texts.map(async (text) => (await privacy.cover([text])).texts[0] ?? ''))
  }

  return {
    get id() {
      return embedder.id
    },
    get dimensions() {
      return embedder.dimensions
    },
    get runtime() {
      return embedder.runtime
    },
    embed: async (texts, options) => embedder.embed(await shown(texts), options),
    embedWords: embedder.embedWords && (async (texts, options) => (await embedder.embedWords?.(await shown(texts), options)) ?? []),
    close: () => embedder.close(),
  }
}

/** The built-in embedder is in this process; an endpoint is where its address says. */
export function isEmbedderLocal({ embedder }: Pick<Config, 'embedder'>): boolean {
  return embedder === undefined || isLoopback(new URL(embedder.baseUrl).hostname)
}
