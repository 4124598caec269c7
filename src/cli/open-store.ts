import { join } from 'node:path'
import type { Store } from '../../memory/index.ts'
import type { Config } from '../config/config.ts'
import { openConfig } from './open-box.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Nothing but the store is opened: whoever has the command line of the machine owns the instance, and what is there of each of its callers. */
export async function withStore(
  options: GlobalOptions,
  terminal: Terminal,
  use: (store: Store, config: Config) => Promise<void>,
  { clock }: { readonly clock?: (() => number) | undefined } = {},
): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const { openSqliteStore } = await import('../../memory/index.ts')
  const store = await openSqliteStore({ path: join(config.dataFolder, 'signalbox.db'), retention: config.retention, clock })
  try {
    await use(store, config)
  } finally {
    await store.close()
  }
}
