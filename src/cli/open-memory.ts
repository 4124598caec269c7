import { join } from 'node:path'
import type { Memories } from '../../memory/index.ts'
import { createTokenEstimator } from '../../models/tokens.ts'
import { openConfig } from './open-box.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Nothing but the store is opened. `setTime` stamps what is written from then on; without a time, the clock does. */
export async function withMemory(
  options: GlobalOptions,
  terminal: Terminal,
  use: (memories: Memories, setTime: (at: number | undefined) => void) => Promise<void>,
): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const memory = await import('../../memory/index.ts')
  let time: number | undefined
  const store = await memory.openSqliteStore({
    path: join(config.dataFolder, 'signalbox.db'),
    retention: config.retention,
    clock: () => time ?? Date.now(),
  })
  try {
    const tokens = createTokenEstimator()
    const estimateTokens = (text: string) => tokens.estimateText(text)
    const threads = memory.createThreads(store, { estimateTokens })
    const recall = memory.createRecall(store, { embedder: undefined, estimateTokens, maxMemories: config.retention.memories })
    await use({ store, threads, recall }, (at) => {
      time = at
    })
  } finally {
    await store.close()
  }
}
