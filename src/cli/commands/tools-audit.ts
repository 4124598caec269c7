import { join } from 'node:path'
import type { AuditRecord } from '../../audit.ts'
import { printable } from '../../log.ts'
import { openConfig } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'

const shownUnlessTold = 50

/** Whoever has the command line of the machine owns the instance, and sees the calls of each of its callers. Nothing but the store is opened. */
export async function audit(options: GlobalOptions & { readonly last?: number }, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const [memory, { readAudit }] = await Promise.all([import('../../../memory/index.ts'), import('../../audit.ts')])
  const store = await memory.openSqliteStore({ path: join(config.dataFolder, 'signalbox.db'), retention: config.retention })
  try {
    const entries = await readAudit(store, options.last ?? shownUnlessTold)
    if (options.json === true) {
      printJson(terminal, { calls: entries.map(({ at, value }) => ({ at: new Date(at).toISOString(), ...value })) })
      return
    }
    const rows = entries.map(({ at, value }) => inWords(new Date(at).toISOString(), value))
    printText(terminal, rows.length === 0 ? 'No tool has been called.' : table(rows))
  } finally {
    await store.close()
  }
}

function inWords(
  at: string,
  { principal, roles, tool, operation, verdict, rule, why, outcome, ms, arguments: args }: AuditRecord,
): string[] {
  const who = roles.length === 0 ? principal : `${principal} (${roles.join(', ')})`
  const ruled = rule === undefined ? verdict : `${verdict} by ${rule}`
  return [at, who, `${operation} ${tool}`, ruled, outcome, `${ms} ms`, JSON.stringify(args), ...(why === undefined ? [] : [printable(why)])]
}
