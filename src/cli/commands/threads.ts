import type { Command } from 'commander'
import type { DoneResult } from '../../operations/operation.ts'
import type { Signalbox } from '../../signalbox.ts'
import { wholeNumber } from '../given.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printText } from '../output.ts'
import { printResult, runOperation } from '../run-operation.ts'
import { defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'
import { forget } from './memory.ts'

interface ThreadOptions extends GlobalOptions {
  readonly cursor?: string
  readonly upTo?: number
  readonly name?: string
  readonly yes?: boolean
}

export function addThreads(program: Command, terminal: Terminal): void {
  const threads = program.command('threads').description('look through what is remembered of conversations')
  const look = async (input: Record<string, unknown>, options: ThreadOptions) => {
    await withSignalbox(terminal, options, async (signalbox) => {
      const result = await runOperation(signalbox, 'threads', { ...input, ...defined({ cursor: options.cursor }) }, terminal)
      printResult(result, options, terminal)
      const next = result.structured?.['next_cursor']
      if (typeof next === 'string' && options.json !== true) note(terminal, `More: --cursor ${next}`)
    })
  }

  threads
    .command('list')
    .description('the threads, the latest first')
    .option('--cursor <cursor>', 'where the last page ended')
    .action(async (_options: unknown, command: Command) => look({ op: 'list' }, command.optsWithGlobals()))
  threads
    .command('search')
    .description('threads in which these words were said')
    .argument('<query>')
    .action(async (query: string, _options: unknown, command: Command) => look({ op: 'search', query }, command.optsWithGlobals()))
  threads
    .command('get')
    .description('the turns of a thread')
    .argument('<thread>', 'id or name')
    .option('--cursor <cursor>', 'where the last page ended')
    .action(async (thread: string, _options: unknown, command: Command) => look({ op: 'get', thread }, command.optsWithGlobals()))
  threads
    .command('export')
    .description('a whole thread as JSON Lines, one line a turn')
    .argument('<thread>', 'id or name')
    .action(async (thread: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ThreadOptions>()
      await withSignalbox(terminal, options, async (signalbox) => exportThread(thread, signalbox, terminal))
    })
  threads
    .command('fork')
    .description('a new thread that begins like this one')
    .argument('<thread>', 'id or name')
    .option('--up-to <n>', 'the last turn to take over', wholeNumber('--up-to'))
    .option('--name <name>', 'the name of the new thread')
    .action(async (thread: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ThreadOptions>()
      await withSignalbox(terminal, options, async (signalbox) => {
        const input = { thread, ...defined({ up_to: options.upTo, name: options.name }) }
        printResult(await runOperation(signalbox, 'fork_thread', input, terminal), options, terminal)
      })
    })
  threads
    .command('forget')
    .description('delete a thread for good')
    .argument('<thread>', 'id or name')
    .option('-y, --yes', 'do not ask')
    .action(async (thread: string, _options: unknown, command: Command) => forget({ thread }, command.optsWithGlobals(), terminal))
}

/** JSON Lines are data already, with `--json` or without. A large export is fetched page by page. */
async function exportThread(thread: string, signalbox: Signalbox, terminal: Terminal): Promise<void> {
  const result = await runOperation(signalbox, 'threads', { op: 'export', thread }, terminal)
  const handle = result.structured?.['handle']
  if (result.isError === true || typeof handle !== 'string') {
    printResult(result, {}, terminal, String(result.structured?.['jsonl'] ?? ''))
    return
  }
  let offset: unknown = 0
  while (typeof offset === 'number') {
    const page: DoneResult = await runOperation(signalbox, 'get_answer', { handle, offset }, terminal)
    if (page.structured === undefined) {
      printResult(page, {}, terminal)
      return
    }
    terminal.stdout.write(String(page.structured['text']))
    offset = page.structured['next_offset']
  }
  printText(terminal, '')
}
