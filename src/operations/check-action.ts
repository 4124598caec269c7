import { z } from 'zod'
import { ComputerActionError, ImageError } from '../../models/errors.ts'
import { verdicts } from '../../tools/computer/guard/verdict.ts'
import { judgeOf } from '../computer/ask-judge.ts'
import type { CheckedAction } from '../computer/check.ts'
import type { RunScope, UnfinishedRun } from '../runs/run.ts'
import { InputError } from './errors.ts'
import { describeRun, handleAfterMs } from './long.ts'
import type { DoneResult, LongOperation, Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  action: z
    .union([z.string().max(20_000), z.record(z.string(), z.unknown())])
    .describe("a vendor's payload, or {type: 'click', at: {x, y}}"),
  screenshot: z.string().min(1).describe('the newest: data: URL, path, or signalbox://frame/ID'),
  decided_on: z.string().min(1).optional().describe('the frame or image that the action was decided on'),
  claim: z.string().max(2000).optional().describe('what is meant to be hit'),
  url: z.string().max(8192).optional(),
  window: z.string().max(400).optional().describe('title of the window that has the focus'),
  approval: z.string().max(100).optional(),
  thread: z.string().min(1).max(200).optional(),
})
export type CheckInput = z.infer<typeof input>

const output = z.looseObject({
  verdict: z.enum(verdicts),
  reasons: z.array(z.string()),
  frame: z.string(),
  target: z.looseObject({}).nullable(),
  approval: z.string().optional(),
})

/** What a model is shown: the same in fewer words. */
const shown = {
  input: {
    type: 'object',
    properties: {
      action: { description: "a vendor's payload, or {type: 'click', at: {x, y}}" },
      screenshot: { type: 'string', description: 'the newest' },
      decided_on: { description: 'frame or image' },
      claim: { description: 'what it hits' },
      url: {},
      window: {},
      approval: {},
      thread: {},
    },
    required: ['action', 'screenshot'],
  },
  output: { type: 'object', properties: { verdict: { enum: verdicts } }, required: ['verdict'] },
}

/** Whether an action on a screen may be done now, by all that can be said of it without the model that wants it. */
export function createCheckAction(services: Services): Operation {
  const long: LongOperation = { execute: (given: CheckInput, scope) => execute(services, given, scope), present }
  const operation: Operation & { long: LongOperation } = {
    name: 'check_action',
    title: 'Check an action on a screen',
    description: 'Judges an action on a screen: allow, confirm (send the approval once a person accepted), reobserve or deny.',
    input,
    output,
    shown,
    annotations: { readOnlyHint: true, openWorldHint: false },
    long,
    run: (given: CheckInput, context) =>
      services.runs.execute(operation, given, context, { handleAfterMs: handleAfterMs(services, context.caller, undefined) }),
  }
  return operation
}

async function execute(services: Services, given: CheckInput, scope: RunScope): Promise<DoneResult> {
  try {
    return toResult(await services.computer.check(given, scope, judgeOf(services, scope)))
  } catch (error) {
    if (error instanceof ImageError || error instanceof ComputerActionError || error instanceof InputError) return failure(error.message)
    throw error
  }
}

function toResult({ verdict, reasons, frame, target, approval, expiresAt, findings, unscored }: CheckedAction): DoneResult {
  const fields = {
    verdict,
    reasons,
    frame,
    target: target ?? null,
    ...(approval !== undefined && { approval, expires_at: new Date(expiresAt ?? 0).toISOString() }),
    findings: findings.map(({ layer, code, verdict: asks }) => ({ layer, code, verdict: asks })),
    unscored,
  }
  const lines = [
    `${verdict}: ${reasons.length === 0 ? 'nothing speaks against it' : reasons.join('; ')}`,
    ...(unscored.length > 0 ? [`Not looked at: ${unscored.join('; ')}.`] : []),
    ...(approval === undefined
      ? []
      : [
          `A person decides with: signalbox approvals accept ${approval} (or deny). Then call check_action again with approval ${approval} and a new screenshot.`,
        ]),
    `[frame ${frame}]`,
  ]
  return answer(fields, lines.join('\n'))
}

/** While a person is asked, nothing is allowed. */
function present(run: UnfinishedRun): DoneResult {
  if (run.status === 'failed') return failure(describeRun(run))
  return answer({ verdict: 'confirm', reasons: [describeRun(run)], frame: '', target: null, handle: run.handle }, describeRun(run))
}
