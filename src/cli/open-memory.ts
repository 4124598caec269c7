import type { Memories, Store } from '../../memory/index.ts'
import { createTokenEstimator } from '../../models/tokens.ts'
import type { Config } from '../config/config.ts'
import { quotaOf } from '../thread-quota.ts'
import { withStore } from './open-store.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Nothing but the store is opened. `setTime` stamps what is written from then on; without a time, the clock does. */
export async function withMemory(
  options: GlobalOptions,
  terminal: Terminal,
  use: (memories: Memories, setTime: (at: number | undefined) => void) => Promise<void>,
): Promise<void> {
  let time: number | undefined
  const opened = async (store: Store, { retention }: Config) => {
    const memory = await import('../../memory/index.ts')
    const tokens = createTokenEstimator()
    const estimateTokens = (text: string) => tokens.estimateText(text)
    const threads = memory.createThreads(store, { estimateTokens, quota: quotaOf({ retention }) })
    const recall = memory.createRecall(store, { embedder: undefined, estimateTokens, maxMemories: retention.memories })
    await use({ store, threads, recall }, (at) => {
      time = at
    })
  }
  await withStore(options, terminal, opened, { clock: () => time ?? Date.now() })
}
