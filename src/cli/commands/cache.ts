import type { Command } from 'commander'
import type { Signalbox } from '../../signalbox.ts'
import { UsageError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import { confirmed, hasPerson } from '../question.ts'
import type { Terminal } from '../terminal.ts'

interface CacheOptions extends GlobalOptions {
  readonly caller?: string
  readonly yes?: boolean
}

/** `cache stats`, `list` and `clear`: answers that are kept to be given again. */
export function addCache(program: Command, terminal: Terminal): void {
  const cache = program.command('cache').description('answers that are kept to be given again')
  cache
    .command('stats')
    .description('how many are kept of each caller, and how often they were given')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CacheOptions>()
      await withSignalbox(terminal, options, async ({ keptAnswers }) => {
        const callers = await Promise.all(
          (await keptAnswers.callers()).map(async (caller) => statsOf(caller, await keptAnswers.list(caller))),
        )
        if (options.json === true) printJson(terminal, { callers })
        else printText(terminal, callers.length === 0 ? 'No answer is kept.' : statsInWords(callers))
      })
    })
  cache
    .command('list')
    .description('the answers of a caller, the latest first')
    .option('--caller <caller>', 'as stats shows it (default: this command line and stdio, local)')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CacheOptions>()
      await withSignalbox(terminal, options, async ({ keptAnswers }) => {
        const answers = (await keptAnswers.list(options.caller ?? 'local')).map(fieldsOf)
        if (options.json === true) printJson(terminal, { answers })
        else printText(terminal, answers.length === 0 ? 'No answer is kept.' : listInWords(answers))
      })
    })
  cache
    .command('clear')
    .description('delete what is kept, for good')
    .option('--caller <caller>', 'of this caller alone, as stats shows it')
    .option('-y, --yes', 'do not ask')
    .action(async (_options: unknown, command: Command) => clear(command.optsWithGlobals<CacheOptions>(), terminal))
}

async function clear(options: CacheOptions, terminal: Terminal): Promise<void> {
  if (options.yes !== true) {
    if (!hasPerson(terminal)) throw new UsageError('cache clear cannot be undone and nobody is here to ask: add --yes')
    const whose = options.caller === undefined ? 'all callers' : options.caller
    if (!(await confirmed(terminal, `Delete the kept answers of ${whose}?`))) throw new UsageError('Nothing was deleted')
  }
  await withSignalbox(terminal, options, async ({ keptAnswers }) => {
    const removed = await keptAnswers.clear(options.caller === undefined ? await keptAnswers.callers() : [options.caller])
    if (options.json === true) printJson(terminal, { removed })
    else printText(terminal, `Deleted ${removed} kept ${removed === 1 ? 'answer' : 'answers'}.`)
  })
}

type Kept = Awaited<ReturnType<Signalbox['keptAnswers']['list']>>[number]

function statsOf(caller: string, answers: readonly Kept[]) {
  const pairs = answers.flatMap(({ seen = [] }) => seen)
  return {
    caller,
    kept: answers.length,
    given: answers.reduce((sum, { hits }) => sum + hits, 0),
    compared: pairs.length,
    said_the_same: pairs.filter(({ same }) => same).length,
    oldest: new Date(Math.min(...answers.map(({ at }) => at))).toISOString(),
  }
}

function statsInWords(callers: readonly ReturnType<typeof statsOf>[]): string {
  const rows = callers.map(({ caller, kept, given, compared, said_the_same: same, oldest }) => [
    caller,
    String(kept),
    String(given),
    `${same} of ${compared}`,
    oldest,
  ])
  return table([['caller', 'kept', 'given again', 'compared: the same', 'oldest'], ...rows])
}

function fieldsOf({ key, decision, at, pool, model, domain, question, text, hits }: Kept) {
  return {
    key,
    decision,
    kept_at: new Date(at).toISOString(),
    pool,
    model,
    domain: domain ?? null,
    question: question?.text ?? null,
    answer: text,
    given: hits,
  }
}

function listInWords(answers: readonly ReturnType<typeof fieldsOf>[]): string {
  const short = (text: string) => text.replace(/\s+/g, ' ').slice(0, 60).toWellFormed()
  const rows = answers.map(({ kept_at, model, given, question, answer }) => [
    kept_at,
    model,
    String(given),
    short(question ?? '-'),
    short(answer),
  ])
  return table([['kept at', 'model', 'given', 'question', 'answer'], ...rows])
}
