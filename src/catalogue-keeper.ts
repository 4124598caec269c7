import type { RowStore } from '../memory/index.ts'
import type { CatalogueKeeper } from '../tools/tool.ts'

const kind = 'catalogue'
/** The hosted servers are the instance's own: no caller owns their snapshots. */
const principal = 'instance'

/** Keeps what servers offered at the last run, so that tools are found at once after a restart. */
export function catalogueKeeper(rows: RowStore): CatalogueKeeper {
  return {
    load: async (server) => (await rows.get(principal, kind, server))?.value,
    save: (server, snapshot) => rows.put(principal, kind, server, snapshot),
  }
}
