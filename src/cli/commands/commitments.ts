import type { Command } from 'commander'
import type { Commitments, OwnedCommitment } from '../../commitments.ts'
import { FailedError, UsageError } from '../failures.ts'
import { amount, collect } from '../given.ts'
import { withMemory } from '../open-memory.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions extends GlobalOptions {
  readonly caller?: string
  readonly tool?: readonly string[]
  readonly site?: readonly string[]
  readonly days?: number
}

const longestDays = 3650

/** `commitments list`, `add`, `accept` and `lift`: boundaries that hold over whatever the policy allows. */
export function addCommitments(program: Command, terminal: Terminal): void {
  const commitments = program
    .command('commitments')
    .description('declared boundaries, such as "never push to main": list, add, accept or lift them')
  commitments
    .command('list')
    .description('what was laid down, and what a person said that sounds like it')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withCommitments(options, terminal, async (store, { everybody }) => {
        const all = await store.list(everybody)
        if (options.json === true) printJson(terminal, { commitments: all.map(fieldsOf) })
        else printText(terminal, all.length === 0 ? 'Nothing was laid down.' : all.map(inWords).join('\n\n'))
      })
    })
  commitments
    .command('add')
    .description('lay down what must not be done')
    .argument('<text>', 'in a sentence: "do not send mails"')
    .option('--caller <caller>', 'whom it binds (default: everyone)')
    .option('--tool <pattern>', 'a tool that it means, * stands for anything; repeated', collect)
    .option('--site <domain>', 'a site that it means; repeated', collect)
    .option('--days <days>', 'how long it holds (default: 30)', amount('--days'))
    .action(async (text: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<AddOptions>()
      const { days } = options
      if (days !== undefined && !(days > 0 && days <= longestDays))
        throw new UsageError(`--days must be a number above 0 and at most ${longestDays}, received "${days}"`)
      await withCommitments(options, terminal, async (store, { everyone }) => {
        const principal = options.caller ?? everyone
        const declared = await store
          .declare(principal, 'owner', { text, tools: options.tool, domains: options.site, days })
          .catch((error: unknown) => {
            throw error instanceof RangeError ? new FailedError(error.message) : error
          })
        if (options.json === true) printJson(terminal, fieldsOf({ ...declared, principal }))
        else printText(terminal, inWords({ ...declared, principal }))
      })
    })
  for (const [verb, description, done] of [
    ['accept', 'let what a person said bind from now on', 'Binds now'],
    ['lift', 'end it', 'Lifted'],
  ] as const) {
    commitments
      .command(verb)
      .description(description)
      .argument('<id>', 'as list shows it')
      .action(async (id: string, _options: unknown, command: Command) => {
        const options = command.optsWithGlobals<GlobalOptions>()
        await withCommitments(options, terminal, async (store, { everybody }) => {
          const changed = await store[verb](everybody, id)
          if (changed === undefined) throw new FailedError(`There is no commitment "${id}" to ${verb}: it has ended, or never was`)
          if (options.json === true) printJson(terminal, { id, [verb === 'accept' ? 'accepted' : 'lifted']: true })
          else printText(terminal, `${done}: ${changed.text}`)
        })
      })
  }
}

interface Whose {
  readonly everybody: Parameters<Commitments['list']>[0]
  readonly everyone: string
}

/** Whoever has the command line of the machine owns the instance. Nothing but the store is opened. */
async function withCommitments(
  options: GlobalOptions,
  terminal: Terminal,
  use: (commitments: Commitments, whose: Whose) => Promise<void>,
): Promise<void> {
  const [memory, { createCommitments }] = await Promise.all([import('../../../memory/index.ts'), import('../../commitments.ts')])
  const warn = (message: string) => note(terminal, message)
  await withMemory(options, terminal, ({ store }) =>
    use(createCommitments(store.rows, Date.now, { warn }), { everybody: memory.anyPrincipal, everyone: memory.everyone }),
  )
}

function fieldsOf({ id, principal, state, by, text, createdAt, expiresAt, boundary }: OwnedCommitment): Record<string, unknown> {
  return {
    id,
    binds: principal,
    state,
    by,
    text,
    boundary,
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  }
}

function inWords({ id, principal, state, by, text, expiresAt, boundary }: OwnedCommitment): string {
  const parts = [
    boundary.deeds.length > 0 && `deeds: ${boundary.deeds.join(', ')}`,
    boundary.objects.length > 0 && `on: ${boundary.objects.map((words) => words[0]).join(', ')}`,
    boundary.tools.length > 0 && `tools: ${boundary.tools.join(', ')}`,
    boundary.domains.length > 0 && `sites: ${boundary.domains.join(', ')}`,
  ].filter((part) => part !== false)
  const status = state === 'active' ? `binds ${principal}` : `was said by ${principal} and binds nobody: signalbox commitments accept ${id}`
  return `${id} (${by}) ${status}, until ${new Date(expiresAt).toISOString()}\n${text}\n${parts.join('; ')}`
}
