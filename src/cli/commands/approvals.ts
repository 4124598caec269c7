import type { Command } from 'commander'
import type { Approval, Approvals } from '../../runs/approvals.ts'
import { FailedError } from '../failures.ts'
import { withStore } from '../open-store.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addApprovals(program: Command, terminal: Terminal): void {
  const approvals = program.command('approvals').description('what waits for a person: list, accept or deny it')
  approvals
    .command('list')
    .description('what waits, the latest first')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withApprovals(options, terminal, async (store, everybody) => {
        const waiting = await store.list(everybody)
        if (options.json === true) printJson(terminal, { approvals: waiting.map(fieldsOf) })
        else printText(terminal, waiting.length === 0 ? 'Nothing waits for approval.' : waiting.map(inWords).join('\n\n'))
      })
    })
  for (const [verb, verdict] of [
    ['accept', 'accepted'],
    ['deny', 'denied'],
  ] as const) {
    approvals
      .command(verb)
      .description(verb === 'accept' ? 'let it run once, with exactly these values' : 'do not let it run')
      .argument('<id>', 'as list shows it')
      .action(async (id: string, _options: unknown, command: Command) => {
        const options = command.optsWithGlobals<GlobalOptions>()
        await withApprovals(options, terminal, async (store, everybody) => {
          const decided = await store.decide(everybody, id, verdict, 'command line')
          if (decided === undefined) throw new FailedError(`No approval "${id}" waits: it was decided, has expired, or never was`)
          if (options.json === true) printJson(terminal, fieldsOf(decided))
          else printText(terminal, `${verdict === 'accepted' ? 'Accepted' : 'Denied'}: ${decided.effect}`)
        })
      })
  }
}

type Everybody = Parameters<Approvals['list']>[0]

/** The owner of the instance decides for each of its callers. */
async function withApprovals(
  options: GlobalOptions,
  terminal: Terminal,
  use: (approvals: Approvals, everybody: Everybody) => Promise<void>,
): Promise<void> {
  await withStore(options, terminal, async ({ rows }) => {
    const [memory, { createApprovals }] = await Promise.all([import('../../../memory/index.ts'), import('../../runs/approvals.ts')])
    await use(createApprovals(rows), memory.anyPrincipal)
  })
}

function fieldsOf({ id, principal, tool, effect, status, createdAt, expiresAt, handle }: Approval): Record<string, unknown> {
  return {
    id,
    status,
    principal,
    tool,
    effect,
    handle,
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  }
}

function inWords({ id, principal, effect, expiresAt }: Approval): string {
  return `${id} (for ${principal}, until ${new Date(expiresAt).toISOString()})\n${effect}`
}
