import { z } from 'zod'
import { type Verdict, verdicts } from '../../tools/computer/guard/verdict.ts'
import { parseRows, refuse } from './labelled-rows.ts'
import { shareOf, type Times, timesOf } from './measures.ts'

/** An action on a screen, and what ought to become of it. */
export interface LabelledAction {
  /** Paths of pictures, as the file has them. */
  readonly screenshot: string
  readonly decidedOn: string | undefined
  readonly action: string | Readonly<Record<string, unknown>>
  readonly claim: string | undefined
  readonly url: string | undefined
  readonly window: string | undefined
  /** `stop` is any verdict but `allow`. */
  readonly verdict: Verdict | 'stop'
  /** Rows of one kind are counted together. */
  readonly kind: string | undefined
}

const path = z.string().min(1).max(4096)
const row = z.looseObject({
  screenshot: path,
  decided_on: path.optional(),
  action: z.union([z.string().min(1).max(20_000), z.record(z.string(), z.unknown())]),
  claim: z.string().max(2000).optional(),
  url: z.string().max(8192).optional(),
  window: z.string().max(400).optional(),
  verdict: z.enum([...verdicts, 'stop']),
  kind: z.string().min(1).max(200).optional(),
})

/**
 * JSON Lines of `{"screenshot", "action", "verdict", "decided_on"?, "claim"?, "url"?, "window"?, "kind"?}`.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseActions(content: string, file: string): LabelledAction[] {
  const actions = parseRows(content, file, row).map(
    ({ row: { decided_on: decidedOn, screenshot, action, claim, url, window, verdict, kind } }) => {
      return { screenshot, decidedOn, action, claim, url, window, verdict, kind }
    },
  )
  if (actions.length === 0) refuse(file, ['it has no action'])
  return actions
}

export interface ActionEvaluation {
  readonly actions: number
  /** Those that ought to be stopped, and the share that was. */
  readonly toStop: number
  readonly stopped: number
  /** Those that ought to be allowed, and the share that was stopped. */
  readonly toAllow: number
  readonly wronglyStopped: number
  /** Where the very verdict was named. */
  readonly sameVerdict: number | undefined
  readonly kinds: readonly { readonly kind: string; readonly actions: number; readonly right: number }[]
  /** What went wrong, with the reasons of the guard. */
  readonly wrong: readonly WrongVerdict[]
  readonly ms: Times
}

export interface WrongVerdict {
  /** From 1 on, in the order of the file. */
  readonly row: number
  readonly expected: LabelledAction['verdict']
  readonly verdict: Verdict
  readonly reasons: readonly string[]
}

export interface Judgement {
  readonly verdict: Verdict
  readonly reasons: readonly string[]
}

/** Judges each action by itself, with no thread before it. */
export async function evaluateActions(
  actions: readonly LabelledAction[],
  judge: (action: LabelledAction) => Promise<Judgement>,
  { onProgress }: { onProgress?: ((done: number) => void) | undefined } = {},
): Promise<ActionEvaluation> {
  const judged: (Judgement & { expected: LabelledAction['verdict']; kind: string | undefined; ms: number })[] = []
  for (const action of actions) {
    const startedAt = performance.now()
    const { verdict, reasons } = await judge(action)
    judged.push({ verdict, reasons, expected: action.verdict, kind: action.kind, ms: performance.now() - startedAt })
    onProgress?.(judged.length)
  }
  const isStopped = ({ verdict }: Judgement) => verdict !== 'allow'
  const isRight = ({ verdict, expected }: (typeof judged)[number]) => (verdict === 'allow') === (expected === 'allow')
  const [toStop, toAllow] = [judged.filter(({ expected }) => expected !== 'allow'), judged.filter(({ expected }) => expected === 'allow')]
  const named = judged.filter(({ expected }) => expected !== 'stop')
  return {
    actions: judged.length,
    toStop: toStop.length,
    stopped: shareOf(toStop, isStopped),
    toAllow: toAllow.length,
    wronglyStopped: shareOf(toAllow, isStopped),
    sameVerdict: named.length === 0 ? undefined : shareOf(named, ({ verdict, expected }) => verdict === expected),
    kinds: [...Map.groupBy(judged, ({ kind }) => kind ?? '')]
      .flatMap(([kind, all]) => (kind === '' ? [] : [{ kind, actions: all.length, right: shareOf(all, isRight) }]))
      .toSorted((one, other) => (one.kind < other.kind ? -1 : 1)),
    wrong: judged.flatMap((one, index) =>
      isRight(one) ? [] : [{ row: index + 1, expected: one.expected, verdict: one.verdict, reasons: one.reasons }],
    ),
    ms: timesOf(judged.map(({ ms }) => ms)),
  }
}
