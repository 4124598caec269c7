import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { ActionEvaluation, Judgement, LabelledAction } from '../../evaluation/actions.ts'
import { FailedError } from '../failures.ts'
import { fileContent } from '../given.ts'
import { openConfig } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import { runOperation, textOf } from '../run-operation.ts'
import { asDataUrl, defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'
import { figure, withLabelledData } from './evaluation.ts'
import { contentOf } from './outcome-files.ts'

interface EvalGuardOptions extends GlobalOptions {
  readonly data: string
  readonly wrong?: boolean
}

const shownKinds = 200

export function addEvalGuard(evaluate: Command, terminal: Terminal): void {
  evaluate
    .command('guard')
    .description('how often the guard of computer use stops what ought to be stopped, and what ought not')
    .requiredOption(
      '--data <file>',
      'JSON Lines: {"screenshot": path, "action", "verdict": allow | stop | confirm | deny | reobserve, "decided_on"?: path, "claim"?, "url"?, "window"?, "kind"?}; paths count from the file',
    )
    .option('--wrong', 'print also each action that was judged wrongly, with the reasons')
    .action((_options: unknown, command: Command) => measure(command.optsWithGlobals<EvalGuardOptions>(), terminal))
}

async function measure(options: EvalGuardOptions, terminal: Terminal): Promise<void> {
  await withLabelledData(async () => {
    const { evaluateActions, parseActions } = await import('../../evaluation/actions.ts')
    const actions = parseActions(await contentOf(options.data, '--data', terminal), options.data)
    const { config, log } = await openConfig(terminal, options, 'warn')
    // Frames and approvals of a measurement are nobody's.
    const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-eval-'))
    try {
      const signalbox = await terminal.openSignalbox({ ...config, dataFolder, servers: [] }, { log })
      const progress = createProgressLine(terminal)
      try {
        const evaluation = await evaluateActions(
          actions,
          async (action) => {
            const result = await runOperation(signalbox, 'check_action', await inputOf(action, options.data, terminal), terminal)
            if (result.isError === true) throw new FailedError(`Cannot judge an action of ${options.data}: ${textOf(result)}`)
            return result.structured as unknown as Judgement
          },
          { onProgress: (done) => progress.count(done, actions.length, 'actions') },
        )
        progress.clear()
        if (options.json === true) printJson(terminal, inFields(evaluation))
        else printText(terminal, inWords(evaluation, options.wrong === true))
      } finally {
        progress.clear()
        await signalbox.close()
      }
    } finally {
      await rm(dataFolder, { recursive: true, force: true })
    }
  })
}

async function inputOf({ action, screenshot, decidedOn, claim, url, window }: LabelledAction, file: string, terminal: Terminal) {
  const picture = async (path: string) => asDataUrl((await fileContent(join(dirname(file), path), terminal)).bytes)
  return {
    action,
    screenshot: await picture(screenshot),
    ...(decidedOn !== undefined && { decided_on: await picture(decidedOn) }),
    ...defined({ claim, url, window }),
  }
}

function inFields({ actions, toStop, stopped, toAllow, wronglyStopped, sameVerdict, kinds, wrong, ms }: ActionEvaluation) {
  return {
    actions,
    to_stop: toStop,
    stopped,
    to_allow: toAllow,
    wrongly_stopped: wronglyStopped,
    same_verdict: sameVerdict ?? null,
    kinds,
    wrong,
    ms,
  }
}

function inWords({ actions, toStop, toAllow, kinds, wrong, ms, ...one }: ActionEvaluation, withWrong: boolean): string {
  return [
    `${actions} actions: ${toStop} to be stopped, ${toAllow} to be allowed.`,
    '',
    table([
      ['stopped of those', toStop === 0 ? '-' : figure(one.stopped)],
      ['stopped of those to be allowed', toAllow === 0 ? '-' : figure(one.wronglyStopped)],
      ['the very verdict, where one is named', figure(one.sameVerdict)],
      ['ms, p50', ms.p50.toFixed(1)],
      ['ms, p99', ms.p99.toFixed(1)],
    ]),
    ...(kinds.length === 0
      ? []
      : [
          '',
          table([
            ['kind', 'actions', 'right'],
            ...kinds.slice(0, shownKinds).map(({ kind, actions: count, right }) => [kind, String(count), figure(right)]),
          ]),
        ]),
    ...(withWrong
      ? ['', ...wrong.map(({ row, expected, verdict, reasons }) => `row ${row}: ${verdict} instead of ${expected}: ${reasons.join('; ')}`)]
      : []),
  ].join('\n')
}
