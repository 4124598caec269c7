import type { Command } from 'commander'
import { UsageError } from '../failures.ts'
import { textArgument, wholeNumber } from '../given.ts'
import { withSignalbox } from '../open-box.ts'
import { withMemory } from '../open-memory.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import { confirmed, hasPerson } from '../question.ts'
import { printResult, runOperation } from '../run-operation.ts'
import { defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'

interface MemoryOptions extends GlobalOptions {
  readonly thread?: string
  readonly project?: string
  readonly limit?: number
}

export function addRecall(program: Command, terminal: Terminal): void {
  program
    .command('recall')
    .description('find what was said, remembered or returned by tools before')
    .argument('[query]', 'what to look for; - or nothing reads it from stdin')
    .option('--thread <id or name>', 'in this thread only')
    .option('--project <name>', 'in this project only')
    .option('--limit <n>', 'how many items', wholeNumber('--limit'))
    .action(async (query: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<MemoryOptions>()
      const input = {
        query: await textArgument(query, 'the query', terminal),
        ...defined({ thread: options.thread, limit: options.limit }),
        ...(options.project !== undefined && { scope: 'project' }),
      }
      await run('recall', input, options, terminal)
    })
}

export function addRemember(program: Command, terminal: Terminal): void {
  program
    .command('remember')
    .description('keep a text for later steps')
    .argument('[text]', 'what to keep; - or nothing reads it from stdin')
    .option('--thread <id or name>', 'for this thread only')
    .option('--project <name>', 'for this project only')
    .option('--everyone', 'for all callers of this instance')
    .action(async (text: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<MemoryOptions & { readonly everyone?: boolean }>()
      if (options.everyone === true) return rememberForEveryone(text, options, terminal)
      if (options.project !== undefined && options.thread !== undefined)
        throw new UsageError('remember takes --thread or --project, not both')
      const scope = options.project !== undefined ? 'project' : options.thread === undefined ? 'caller' : 'thread'
      await run(
        'remember',
        { text: await textArgument(text, 'the text', terminal), scope, ...defined({ thread: options.thread }) },
        options,
        terminal,
      )
    })
}

/** No operation does this: what a client could call, an agent could be talked into. */
async function rememberForEveryone(given: string | undefined, options: MemoryOptions, terminal: Terminal): Promise<void> {
  if (options.thread !== undefined || options.project !== undefined)
    throw new UsageError('remember takes one of --thread, --project and --everyone')
  const text = await textArgument(given, 'the text', terminal)
  await withMemory(options, terminal, async ({ recall }) => {
    const ids = await recall.remember('local', { text, scope: 'everyone', trust: 'owner' })
    if (options.json === true) printJson(terminal, { ids, trust: 'owner' })
    else printText(terminal, `Remembered for everyone as ${ids.join(', ')}`)
  })
}

interface ForgetOptions extends GlobalOptions {
  readonly thread?: string
  readonly text?: string
  readonly all?: boolean
  readonly yes?: boolean
}

export function addForget(program: Command, terminal: Terminal): void {
  program
    .command('forget')
    .description('delete for good: a memory, a thread, what holds some words, or all')
    .argument('[id]', 'the id of a memory')
    .option('--thread <id or name>', 'a whole thread')
    .option('--text <words>', 'all that holds these words')
    .option('--all', 'everything')
    .option('-y, --yes', 'do not ask')
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ForgetOptions>()
      const filter = defined({ id, thread: options.thread, text: options.text, all: options.all })
      await forget(filter, options, terminal)
    })
}

/** Deletes what a person confirmed, or what was called for with `--yes`. */
export async function forget(filter: Record<string, unknown>, options: ForgetOptions, terminal: Terminal): Promise<void> {
  if (Object.keys(filter).length !== 1) throw new UsageError('forget takes exactly one of ID, --thread, --text and --all')
  if (options.yes !== true) {
    if (!hasPerson(terminal)) throw new UsageError('forget cannot be undone and nobody is here to ask: add --yes')
    const what = Object.entries(filter).map(([key, value]) => (key === 'all' ? 'everything' : `${key} ${JSON.stringify(value)}`))
    if (!(await confirmed(terminal, `Forget ${what.join()} for good?`))) throw new UsageError('Nothing was forgotten')
  }
  await run('forget', filter, options, terminal)
}

async function run(
  operation: string,
  input: Record<string, unknown>,
  options: GlobalOptions & { readonly project?: string },
  terminal: Terminal,
): Promise<void> {
  await withSignalbox(terminal, options, async (signalbox) => {
    printResult(await runOperation(signalbox, operation, input, terminal, { project: options.project }), options, terminal)
  })
}
