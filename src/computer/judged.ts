import type { ComputerAction, Point } from '../../models/computer/action.ts'
import type { SafetyCheck } from '../../models/computer/format.ts'
import { OcrError } from '../../models/errors.ts'
import { createPause } from '../../models/images.ts'
import type { IconReader } from '../../models/local/icons/index.ts'
import type { Ocr } from '../../models/local/ocr/index.ts'
import type { Taint } from '../../models/taint.ts'
import { classifyAction } from '../../tools/computer/guard/consent.ts'
import { judgeFreshness } from '../../tools/computer/guard/freshness.ts'
import { type GuardLayers, judgeAction, type PixelLayer } from '../../tools/computer/guard/guard.ts'
import type { AskJudge } from '../../tools/computer/guard/judge.ts'
import type { LoopInput, PastStep } from '../../tools/computer/guard/loop.ts'
import type { GuardRules } from '../../tools/computer/guard/rules.ts'
import { checkScreen } from '../../tools/computer/guard/screen.ts'
import { sureMeaning } from '../../tools/computer/guard/sign-target.ts'
import type { ReadValue } from '../../tools/computer/guard/taint.ts'
import { checkTarget, type TargetReport } from '../../tools/computer/guard/target.ts'
import type { TargetKnowledge, TargetPictures } from '../../tools/computer/guard/target-knowledge.ts'
import { checkPicture } from '../../tools/computer/guard/target-picture.ts'
import { type Finding, strictest, type Verdict } from '../../tools/computer/guard/verdict.ts'
import { type Commitment, objectionOnScreen } from '../commitments.ts'
import type { ScreenText } from './reading.ts'
import type { Seen } from './screens.ts'

export interface GuardTools {
  /** Without one, what stands under a click is not read, and that is said. */
  readonly ocr: Ocr | undefined
  /** Without one, what a sign without letters means is not known, and that is said. */
  readonly signs?: IconReader | undefined
  readonly knowledge: TargetKnowledge | undefined
  /** Where an image encoder is configured. */
  readonly pictures?: TargetPictures | undefined
  readonly rules: GuardRules
  readonly judge?: AskJudge | undefined
  /** Told of each verdict. */
  readonly onVerdict?: ((verdict: Verdict) => void) | undefined
  /** What binds the caller. */
  readonly commitments?: readonly Commitment[] | undefined
}

/** What is known of the work that an action belongs to. */
export interface Surroundings {
  readonly taint: Taint
  readonly claim?: string | undefined
  readonly url?: string | undefined
  readonly task?: string | undefined
  readonly read?: readonly ReadValue[] | undefined
  readonly typedBefore?: readonly string[] | undefined
  readonly past?: readonly PastStep[] | undefined
  readonly spent?: LoopInput['spent'] | undefined
  readonly safetyChecks?: readonly SafetyCheck[] | undefined
  /** All that stands on the newest screen, once it is read; why it is not, in a sentence. */
  readonly screen?: (() => Promise<ScreenText | string>) | undefined
  /** The action's place in the model's turn, from 0: what came before it may have changed the screen. */
  readonly index: number
}

export interface Judged {
  readonly verdict: Verdict
  /** Sentences, the strictest first. */
  readonly reasons: readonly string[]
  readonly findings: readonly Finding[]
  /** What could not be looked at, and why. */
  readonly unscored: readonly string[]
  /** Milliseconds of each layer. */
  readonly ms: Readonly<Record<string, number>>
  readonly point: Point | undefined
  readonly label: string | undefined
  readonly box: TargetReport['box']
  /** Whether what stands on the target is what the claim names. */
  readonly labelFit: 'matches' | 'other' | 'none' | undefined
}

/** Every layer of the guard over one action, with what its screens show. */
export async function judgeOnScreen(
  action: ComputerAction,
  { newest, decidedOn }: Seen,
  around: Surroundings,
  { ocr, signs, knowledge, pictures, rules, judge, onVerdict, commitments = [] }: GuardTools,
  signal: AbortSignal,
): Promise<Judged> {
  const point = pointOf(action)
  const { claim, url = newest.url } = around
  let target: TargetReport | undefined
  const lookAtTarget: PixelLayer = async () => {
    if (point === undefined || !hits(action)) return { layer: 'target', findings: [], ms: 0 }
    const begun = performance.now()
    try {
      const wanted = claim === undefined ? undefined : { intent: claim }
      target = await checkTarget(
        { raster: newest.raster, at: point, claim: wanted, text: newest.text, signal },
        { ocr, signs, knowledge, risksOf: claim === undefined ? undefined : (text) => risksOf(text, point, rules) },
      )
      // Without a claim there is nothing to compare the label with; what it says by itself is judged all the same.
      const seen = { ...target, sign: sureMeaning(target.sign) }
      return claim === undefined && target.label !== undefined ? { ...seen, unscored: undefined } : seen
    } catch (error) {
      if (!(error instanceof OcrError)) throw error
      return { layer: 'target', findings: [], unscored: error.message, ms: performance.now() - begun }
    }
  }
  const lookAtPicture: PixelLayer = async () => {
    if (pictures === undefined || point === undefined || !hits(action)) return { layer: 'picture', findings: [], ms: 0 }
    return checkPicture({ raster: newest.raster, at: point, signal }, pictures)
  }
  const lookAtFreshness: PixelLayer = async (input) => {
    const pause = createPause()
    const { classes } = classifyAction(input)
    await pause()
    return judgeFreshness({ decidedOn, newest, point, target: target?.box, block: around.index, isConsequential: classes.length > 0 })
  }
  const lookAtScreen: PixelLayer = async () => {
    const begun = performance.now()
    const read = around.screen === undefined || !hits(action) ? undefined : await around.screen()
    if (read === undefined) return { layer: 'screen', findings: [], ms: 0 }
    if (typeof read === 'string') return { layer: 'screen', findings: [], unscored: read, ms: performance.now() - begun }
    return checkScreen({ ...read, at: point })
  }
  const layers: GuardLayers = {
    rules,
    judge,
    pixels: [
      { name: 'target', look: lookAtTarget },
      ...(pictures === undefined ? [] : [{ name: 'picture' as const, look: lookAtPicture }]),
      { name: 'freshness', look: lookAtFreshness },
      { name: 'screen', look: lookAtScreen },
    ],
  }
  const guarded = await judgeAction({ ...around, action, url, expectedUrl: decidedOn.url, frame: newest, signal }, layers)
  const { verdict, reasons, findings } = withObjection(guarded, commitments, { action, url, label: target?.label, around })
  const { reports } = guarded
  onVerdict?.(verdict)
  return {
    verdict,
    reasons,
    findings,
    unscored: reports.flatMap(({ layer, unscored }) => (unscored === undefined ? [] : [`${layer}: ${unscored}`])),
    ms: Object.fromEntries(reports.map(({ layer, ms }) => [layer, Math.round(ms * 10) / 10])),
    point,
    label: target?.label,
    box: target?.box,
    labelFit: fitOf(target),
  }
}

/** What was laid down is stricter than any policy, and says so first. */
function withObjection(
  { verdict, reasons, findings }: Pick<Judged, 'verdict' | 'reasons' | 'findings'>,
  commitments: readonly Commitment[],
  { action, url, label, around }: { action: ComputerAction; url: string | undefined; label: string | undefined; around: Surroundings },
): Pick<Judged, 'verdict' | 'reasons' | 'findings'> {
  if (commitments.length === 0 || !hits(action)) return { verdict, reasons, findings }
  const { classes } = classifyAction({ ...around, action, url, label })
  const goesTo = url ?? ''
  const host = URL.canParse(goesTo) ? new URL(goesTo).hostname : undefined
  const objection = objectionOnScreen(commitments, { classes, host, label })
  if (objection === undefined) return { verdict, reasons, findings }
  const finding: Finding = { layer: 'commitment', verdict: objection.held, code: 'commitment', reason: objection.why }
  return { verdict: strictest([verdict, objection.held]), reasons: [objection.why, ...reasons], findings: [finding, ...findings] }
}

function fitOf(target: TargetReport | undefined): Judged['labelFit'] {
  if (target === undefined) return undefined
  if (target.label === undefined) return 'none'
  return target.findings.some(({ code }) => code === 'label-mismatch' || code === 'off-target') ? 'other' : 'matches'
}

/** A move or a wheel harms nothing by itself. */
function hits({ type }: ComputerAction): boolean {
  return type === 'click' || type === 'mouse-down' || type === 'drag' || type === 'type'
}

/** What a claim must not keep back. Consequences that the policy settles are nobody's business to name. */
function risksOf(label: string, at: Point, { allow }: GuardRules): readonly string[] {
  return classifyAction({ action: clickAt(at), label }).classes.filter((one) => !allow.includes(one))
}

function clickAt(at: Point): ComputerAction {
  return { type: 'click', at, button: 'left', count: 1, modifiers: [] }
}

/** Where an action goes on the screen; `undefined` for one that goes where the focus is. */
function pointOf(action: ComputerAction): Point | undefined {
  if ('at' in action && action.at !== undefined) return action.at
  return action.type === 'drag' ? action.path[0] : undefined
}
