import type { AuditRecord } from '../../audit.ts'
import { printable } from '../../log.ts'
import { withStore } from '../open-store.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'

const shownUnlessTold = 50

/** The owner of the instance sees the calls of each of its callers. */
export async function audit(options: GlobalOptions & { readonly last?: number }, terminal: Terminal): Promise<void> {
  await withStore(options, terminal, async (store) => {
    const { readAudit } = await import('../../audit.ts')
    const entries = await readAudit(store, options.last ?? shownUnlessTold)
    if (options.json === true) {
      printJson(terminal, { calls: entries.map(({ at, value }) => ({ at: new Date(at).toISOString(), ...value })) })
      return
    }
    const rows = entries.map(({ at, value }) => inWords(new Date(at).toISOString(), value))
    printText(terminal, rows.length === 0 ? 'No tool has been called.' : table(rows))
  })
}

function inWords(
  at: string,
  { principal, roles, tool, operation, verdict, rule, why, outcome, ms, arguments: args }: AuditRecord,
): string[] {
  const who = roles.length === 0 ? principal : `${principal} (${roles.join(', ')})`
  const ruled = rule === undefined ? verdict : `${verdict} by ${rule}`
  return [at, who, `${operation} ${tool}`, ruled, outcome, `${ms} ms`, JSON.stringify(args), ...(why === undefined ? [] : [printable(why)])]
}
