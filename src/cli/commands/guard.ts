import type { Command } from 'commander'
import { FailedError } from '../failures.ts'
import { fileContent, textArgument } from '../given.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult, runOperation } from '../run-operation.ts'
import { asDataUrl, defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'

interface GuardOptions extends GlobalOptions {
  readonly screenshot: string
  readonly decidedOn?: string
  readonly claim?: string
  readonly url?: string
  readonly window?: string
  readonly approval?: string
  readonly thread?: string
}

export function addGuard(program: Command, terminal: Terminal): void {
  program
    .command('guard')
    .description('whether an action on a screen may be done now: allow, confirm, reobserve or deny, with reasons')
    .argument('[action]', "the action as JSON, or as a model's text; - or nothing reads it from stdin")
    .requiredOption('--screenshot <path>', 'the newest picture of the screen')
    .option('--decided-on <path or frame>', 'the picture, or the id of the frame, that the action was decided on')
    .option('--claim <text>', 'what is meant to be hit')
    .option('--url <url>', 'the address of the page')
    .option('--window <title>', 'the window that has the focus')
    .option('--approval <id>', 'what a person has accepted')
    .option('--thread <id or name>', 'the thread it belongs to')
    .addHelpText('after', '\nExit code 0: allowed. 1: anything else, with the reasons.')
    .action(async (action: string | undefined, _options: unknown, command: Command) =>
      guard(action, command.optsWithGlobals<GuardOptions>(), terminal),
    )
}

async function guard(given: string | undefined, options: GuardOptions, terminal: Terminal): Promise<void> {
  const text = await textArgument(given, 'the action', terminal)
  const picture = async (path: string) => asDataUrl((await fileContent(path, terminal)).bytes)
  const { decidedOn, claim, url, window, approval, thread } = options
  const input = {
    action: objectIn(text) ?? text,
    screenshot: await picture(options.screenshot),
    ...defined({ claim, url, window, approval, thread }),
    ...(decidedOn !== undefined && { decided_on: /^fr_[0-9a-f]{32}$/.test(decidedOn) ? decidedOn : await picture(decidedOn) }),
  }
  await withSignalbox(terminal, options, async (signalbox) => {
    const result = await runOperation(signalbox, 'check_action', input, terminal)
    printResult(result, options, terminal)
    const verdict = result.structured?.['verdict']
    // Scripts go on only where everything speaks for it.
    if (verdict !== 'allow') throw new FailedError(`The action is not allowed: ${String(verdict)}`, { printed: true })
  })
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
