import type { ComputerAction } from '../../models/computer/action.ts'
import { actionsIn, computerTool, computerToolName } from '../../models/computer/calls.ts'
import type { Environment, SafetyCheck } from '../../models/computer/format.ts'
import { type Message, textOf } from '../../models/message.ts'
import { confidenceOf, difficultyOf, neededConfidence } from '../../tools/computer/difficulty.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import { dispatchStep, type StepResult } from '../dispatch/dispatch.ts'
import type { Line } from '../dispatch/line.ts'
import { planStep } from '../dispatch/plan-step.ts'
import type { StepRequest } from '../dispatch/step-request.ts'
import type { RunScope } from '../runs/run.ts'
import { computerInstructions } from './conversation.ts'
import type { Judged } from './judged.ts'
import type { PastOnScreen } from './past-steps.ts'

/** How much dearer the strongest model must be for asking a smaller one first to be worth it. */
const worthProbing = 3
/** From this difficulty on a model that does not say how sure it is is not believed. */
const tooHardUnsaid = 0.7
/** So many steps on a screen like this one, all of them right. */
const provenAfter = 3

export interface Proposed {
  readonly result: StepResult
  readonly actions: readonly ComputerAction[]
  readonly safetyChecks: readonly SafetyCheck[]
  readonly judged: readonly Judged[]
  /** What the model said beside its actions. */
  readonly say: string
  /** Why this model and not a smaller or stronger one, in sentences. */
  readonly way: readonly string[]
}

export interface Asking {
  readonly request: Omit<StepRequest, 'messages' | 'tools' | 'system' | 'computerUse'>
  readonly messages: readonly Message[]
  readonly frame: OpenFrame
  readonly environment: Environment
  /** Why the strongest model is asked at once: it is stuck, or something speaks against the last step. */
  readonly strongestBecause: string | undefined
  /** How steps of a model on screens like this one went. */
  pastOn(model: string): Promise<PastOnScreen>
  judge(actions: readonly ComputerAction[], safetyChecks: readonly SafetyCheck[], model: string): Promise<readonly Judged[]>
}

/**
 * The next actions on a screen, by the model that they need (AVR, arXiv 2603.12823).
 *
 * Where the models of a plan differ much in price, the smallest proposes first. Its proposal stands when nothing speaks against it and
 * it was sure enough for how hard the target is to hit; what has consequences, what the guard objects to and what it doubted goes to
 * the strongest. A run that is stuck goes there at once.
 *
 * @throws what `dispatchStep` throws.
 */
export async function proposeActions(line: Line, asking: Asking, scope: RunScope): Promise<Proposed> {
  const { frame, environment } = asking
  const tool = computerTool({ environment, display: frame.source })
  const request: StepRequest = {
    ...asking.request,
    messages: asking.messages,
    system: computerInstructions,
    tools: [tool],
    computerUse: true,
  }
  const options = { signal: scope.signal, onSpend: scope.spend }
  const { small, strong } = await tiersOf(line, request, scope.signal)
  const ask = async (model: string | undefined, logprobs: boolean): Promise<Proposed> => {
    const result = await dispatchStep(line, { ...request, ...(model !== undefined && { model }), logprobs }, options)
    const calls = result.message.content.filter((part) => part.type === 'tool-call' && part.name === computerToolName)
    const actions = calls.flatMap((call) => (call.type === 'tool-call' ? actionsIn(call.input) : []))
    const safetyChecks = calls.flatMap((call) => (call.type === 'tool-call' ? (call.computer?.safetyChecks ?? []) : []))
    return {
      result,
      actions,
      safetyChecks,
      judged: await asking.judge(actions, safetyChecks, result.outcome.model),
      say: textOf(result.message.content),
      way: [],
    }
  }
  if (small === undefined || strong === undefined) return ask(undefined, false)
  if (asking.strongestBecause !== undefined) {
    return { ...(await ask(strong, false)), way: [`${strong} was asked at once: ${asking.strongestBecause}`] }
  }
  const past = await asking.pastOn(small)
  if (past.failed > 0) {
    const why = `on screens like this one, ${past.failed} of the last ${past.failed + past.right} steps of ${small} failed`
    return { ...(await ask(strong, false)), way: [`${strong} was asked at once: ${why}`] }
  }
  const probe = await ask(small, true)
  const isProven = past.right >= provenAfter
  const doubt = doubtOf(probe, frame, isProven)
  if (doubt === undefined) {
    const why = isProven ? `it was right ${past.right} times on screens like this one` : 'nothing spoke against it'
    return { ...probe, way: [`${small} proposed it, and ${why}`] }
  }
  return { ...(await ask(strong, false)), way: [`${small} proposed first: ${doubt}`, `${strong} was asked instead`] }
}

/** The cheapest and the strongest that the plan allows, where they differ enough; the price of output stands for strength. */
async function tiersOf(line: Line, request: StepRequest, signal: AbortSignal): Promise<{ small?: string; strong?: string }> {
  if (request.model !== undefined) return {}
  const { plan } = await planStep(line, request, { signal })
  const prices = new Map(line.pools().flatMap(({ deployments }) => deployments.map((one) => [one.id, one.price?.outputPerMillion])))
  const priced = plan.candidates.flatMap(({ model }) => {
    const price = prices.get(model)
    return price === undefined ? [] : [{ model, price }]
  })
  if (priced.length < 2) return {}
  const [cheapest, dearest] = [priced.toSorted((a, b) => a.price - b.price)[0], priced.toSorted((a, b) => b.price - a.price)[0]]
  if (cheapest === undefined || dearest === undefined || dearest.price < worthProbing * cheapest.price || dearest.price === 0) return {}
  return { small: cheapest.model, strong: dearest.model }
}

/** What was right several times on such a screen need not be sure; what the guard has against it counts all the same. */
function doubtOf({ actions, judged, result }: Proposed, frame: OpenFrame, isProven: boolean): string | undefined {
  if (actions.length === 0) return undefined
  const objected = judged.find(({ verdict }) => verdict !== 'allow')
  if (objected !== undefined) return objected.reasons[0] ?? `the guard says ${objected.verdict}`
  if (isProven) return undefined
  const difficulty = Math.max(...actions.map((action, at) => difficultyOf({ action, raster: frame.raster, label: judged[at]?.labelFit })))
  const confidence = confidenceOf(result.argumentLogprobs ?? [])
  const needed = neededConfidence(difficulty)
  if (confidence === undefined) {
    return difficulty >= tooHardUnsaid
      ? `it does not say how sure it is, and the target is hard to hit (${difficulty.toFixed(2)})`
      : undefined
  }
  if (confidence >= needed) return undefined
  return `it was sure by ${confidence.toFixed(2)}, and a target as hard as ${difficulty.toFixed(2)} needs ${needed.toFixed(2)}`
}
