import { z } from 'zod'
import { ComputerActionError, ImageError } from '../../models/errors.ts'
import { verdicts } from '../../tools/computer/guard/verdict.ts'
import type { NextAnswer } from '../computer/next-actions.ts'
import { actionResult } from '../computer/session.ts'
import type { RunScope, UnfinishedRun } from '../runs/run.ts'
import { InputError } from './errors.ts'
import { describeRun, handleAfterMs, pollAfterS } from './long.ts'
import type { DoneResult, LongOperation, Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  goal: z.string().min(1).max(20_000),
  screenshot: z.string().min(1).describe('data: URL, path, or signalbox://frame/ID'),
  environment: z.enum(['browser', 'windows', 'mac', 'linux', 'mobile']),
  results: z.array(actionResult).max(100).optional().describe('of the actions before'),
  approval: z.string().max(100).optional(),
  thread: z.string().min(1).max(200).optional(),
  wait_s: z.number().min(0).max(45).optional(),
})
export type NextInput = z.infer<typeof input>

const output = z.looseObject({
  actions: z.array(z.looseObject({ verdict: z.enum(verdicts), reasons: z.array(z.string()), frame: z.string() })),
  say: z.string().optional(),
  done: z.boolean().optional(),
  model: z.string().optional(),
  pool: z.string().optional(),
  thread: z.string().optional(),
  handle: z.string().optional(),
})

/** What a model is shown: the same in fewer words. */
const shown = {
  input: {
    type: 'object',
    properties: {
      goal: { type: 'string' },
      screenshot: { type: 'string', description: 'data: URL, path or signalbox://frame/ID' },
      environment: { enum: ['browser', 'windows', 'mac', 'linux', 'mobile'] },
      results: { type: 'array', description: '[{index, ok, error?}]' },
      approval: {},
      thread: {},
      wait_s: {},
    },
    required: ['goal', 'screenshot', 'environment'],
  },
  output: { type: 'object', properties: { actions: { type: 'array' } }, required: ['actions'] },
}

/** One step of an agent that works on a screen: the fitting model proposes, the guard judges each action. */
export function createNextAction(services: Services): Operation {
  const long: LongOperation = { execute: (given: NextInput, scope) => execute(services, given, scope), present }
  const operation: Operation & { long: LongOperation } = {
    name: 'next_action',
    title: 'Next action on a screen',
    description:
      'Next actions on a screen, each with a verdict: do what is allowed, then call again with new screenshot, results and thread.',
    input,
    output,
    shown,
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
    long,
    run: (given: NextInput, context) =>
      services.runs.execute(operation, given, context, { handleAfterMs: handleAfterMs(services, context.caller, given.wait_s) }),
  }
  return operation
}

async function execute(services: Services, given: NextInput, scope: RunScope): Promise<DoneResult> {
  try {
    // With all that judges actions: loaded by those alone who work on a screen.
    const { nextActions } = await import('../computer/next-actions.ts')
    return toResult(await nextActions(services, given, scope))
  } catch (error) {
    if (error instanceof ImageError || error instanceof ComputerActionError || error instanceof InputError) return failure(error.message)
    throw error
  }
}

function toResult({ actions, say, done, facts, way, warnings }: NextAnswer): DoneResult {
  const fields = { actions, ...(say !== '' && { say }), done, ...facts, way, warnings }
  const lines = actions.map(
    ({ index, verdict, action, reasons, approval }) =>
      `${index}. ${verdict}: ${JSON.stringify(action)}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}` +
      (approval === undefined
        ? ''
        : `. A person decides with: signalbox approvals accept ${approval}. Then call next_action again with approval ${approval}`),
  )
  const state = done ? ['[done]'] : []
  return answer(
    fields,
    [...(say === '' ? [] : [say]), ...lines, ...state, ...warnings.map((one) => `[warning: ${one}]`), `[thread ${facts.thread}]`].join(
      '\n',
    ),
  )
}

function present(run: UnfinishedRun): DoneResult {
  if (run.status === 'failed') return failure(describeRun(run))
  return answer({ actions: [], status: run.status, handle: run.handle, poll_after_s: pollAfterS }, describeRun(run))
}
