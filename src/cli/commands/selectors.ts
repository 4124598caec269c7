import type { Command } from 'commander'
import type { Signalbox } from '../../signalbox.ts'
import { FailedError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

/** `selectors list`, `promote` and `demote`: how far selectors that learn may decide. */
export function addSelectors(program: Command, terminal: Terminal): void {
  const selectors = program.command('selectors').description('selectors that learn, and how far they may decide')
  selectors
    .command('list')
    .description('the stage of each, and what it lacks for the next')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withSignalbox(terminal, options, async ({ routing }) => {
        const found = await routing.learners()
        if (options.json === true) printJson(terminal, { selectors: found.map(fieldsOf) })
        else printText(terminal, found.length === 0 ? 'No selector that learns has been asked yet.' : found.map(inWords).join('\n'))
      })
    })
  const move = (direction: 'up' | 'down') => async (name: string, _options: unknown, command: Command) => {
    const options = command.optsWithGlobals<GlobalOptions>()
    await withSignalbox(terminal, options, async ({ routing }) => {
      const moved = await routing.move(name, direction)
      if (moved === undefined)
        throw new FailedError(`There is no selector "${name}" that has learnt something: see signalbox selectors list`)
      const { stage, by, why } = moved
      if (options.json === true) printJson(terminal, { selector: name, stage, by, why })
      else printText(terminal, `"${name}" is ${stage} now.`)
    })
  }
  selectors
    .command('promote')
    .description('one stage further: shadow, canary, serving')
    .argument('<name>', 'as list shows it')
    .action(move('up'))
  selectors.command('demote').description('one stage back').argument('<name>', 'as list shows it').action(move('down'))
}

type Learner = Awaited<ReturnType<Signalbox['routing']['learners']>>[number]

function fieldsOf({ name, stage, since, by, why, lessons, evaluation }: Learner) {
  return {
    selector: name,
    stage,
    since: new Date(since).toISOString(),
    by,
    why,
    lessons: Object.values(lessons).reduce((sum, one) => sum + one, 0),
    judged_steps: evaluation.steps,
    agreeing_steps: evaluation.agreeing,
    earned: evaluation.earned,
    other: evaluation.other,
    next: evaluation.verdict,
  }
}

function inWords({ name, stage, since, by, why, evaluation }: Learner): string {
  return `${name}: ${stage} since ${new Date(since).toISOString()} (${by}: ${why}). ${evaluation.verdict.why}.`
}
