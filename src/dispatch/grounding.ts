import type { Grounding, Outcome } from '../../models/outcome.ts'
import { type GroundingGuard, readOwnWords } from '../../policies/index.ts'
import type { SeenSign } from '../learning/routing/signs.ts'
import { isUnanswered, joinOutcomes, withLeft } from './aside.ts'
import { hearWhole } from './heard.ts'
import type { Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'
import { sourcesOf } from './request.ts'
import type { Served, ServeOptions } from './serve.ts'

type Serve = (planned: PlannedStep, options: ServeOptions) => Promise<Served>

/** An answer with its verdict, and one that was given up for it. */
export interface GroundedServed extends Served {
  readonly givenUp?: Outcome | undefined
}

const shownSentence = 160
const shownSentences = 3

/**
 * Serves a step and compares its answer with what the step was given, where the policy wants it.
 *
 * Where the policy names a pool for a second try, the answer is held back until it is judged, and of two the better one is given. What
 * goes to a client byte by byte cannot be taken back: it gets its verdict afterwards, and no second try. A verdict that cannot be made
 * costs no answer: it is `unscored`, and says why.
 */
export async function serveGrounded(line: Line, planned: PlannedStep, options: ServeOptions, serve: Serve): Promise<GroundedServed> {
  const guard = line.policy().default.guards?.grounding
  if (guard === undefined || planned.step.computerUse || planned.step.kind === 'background') return serve(planned, options)
  const { retry, below } = guard
  const goesOut = planned.request.passage !== undefined
  if (retry === undefined || below === undefined || goesOut) {
    const judged = await withVerdict(line, planned, await serve(planned, options), guard, options.signal)
    const { grounding } = judged.outcome
    const isTold = retry !== undefined && isBelow(grounding, below)
    return isTold
      ? { ...judged, warnings: [...judged.warnings, 'the pool for a second try was not asked: the answer had gone out'] }
      : judged
  }
  const unheard = { ...options, onArrival: undefined }
  const first = await withVerdict(line, planned, await serve(planned, unheard), guard, options.signal)
  const given = isBelow(first.outcome.grounding, below)
    ? await secondTry(line, planned, first, { guard, pool: retry }, unheard, serve)
    : first
  await hearWhole(given, planned.plan, options)
  return given
}

function isBelow(grounding: Grounding | undefined, below: number | undefined): boolean {
  return grounding?.share !== undefined && below !== undefined && grounding.share < below
}

async function secondTry(
  line: Line,
  planned: PlannedStep,
  first: Served,
  { guard, pool }: { guard: GroundingGuard; pool: string },
  options: ServeOptions,
  serve: Serve,
): Promise<GroundedServed> {
  const candidates = planned.plan.candidates.filter((one) => one.pool === pool && one.model !== first.outcome.model)
  const told = `${first.outcome.model} answered: ${shareInWords(first.outcome.grounding)}`
  const stays = (why: string): Served => ({ ...first, way: [...(first.way ?? []), told, why], warnings: [...first.warnings, why] })
  if (candidates.length === 0) return stays(`no other model of the pool ${pool} may answer this step`)
  const again = withLeft({ ...planned, plan: { ...planned.plan, candidates } }, first.outcome.costUsd ?? 0)
  try {
    const second = await withVerdict(line, planned, await serve({ ...planned, ...again }, options), guard, options.signal)
    const secondTold = `${second.outcome.model} answered: ${shareInWords(second.outcome.grounding)}`
    const isBetter = (second.outcome.grounding?.share ?? 0) > (first.outcome.grounding?.share ?? 0)
    const [kept, left] = isBetter ? [second, first] : [first, second]
    const way = [...(kept.way ?? []), told, secondTold, `the answer of ${kept.outcome.model} was given`]
    return { ...kept, outcome: joinOutcomes([left.outcome], kept.outcome), way, givenUp: left.outcome }
  } catch (error) {
    if (options.signal.aborted || !isUnanswered(error)) throw error
    return stays(`the pool ${pool} could not be asked for a second try: ${error.message}`)
  }
}

async function withVerdict(line: Line, planned: PlannedStep, served: Served, guard: GroundingGuard, signal: AbortSignal): Promise<Served> {
  const { text, toolCalls, finishReason } = served.outcome
  if (text.trim() === '' || toolCalls.length > 0 || finishReason === 'refusal' || finishReason === 'content-filter') return served
  const grounding = await verdictOn(line, planned, text, guard, signal)
  if (grounding === undefined) return served
  return { ...served, outcome: { ...served.outcome, grounding }, warnings: [...served.warnings, ...groundingInWords(text, grounding)] }
}

/** `undefined`: the policy does not want this answer looked at. */
async function verdictOn(
  line: Line,
  { step, request, context }: PlannedStep,
  text: string,
  { when, threshold }: GroundingGuard,
  signal: AbortSignal,
): Promise<Grounding | undefined> {
  try {
    const sources = sourcesOf(request, context)
    const followsTools = step.toolCalls > 0 && step.toolLoop
    if (when === 'facts' && !followsTools && !(step.text !== '' && (await line.needsFacts(step.text, signal)))) return undefined
    return await line.ground(text, sources, { threshold, asked: saidBy(step), signal })
  } catch (error) {
    signal.throwIfAborted()
    line.log.warn('Cannot compare an answer with what its step was given', { error })
    return { verdict: 'unscored', unborne: [], why: error instanceof Error ? error.message : String(error) }
  }
}

function saidBy({ history }: PlannedStep['step']): string {
  return history.flatMap((message) => (message.role === 'user' ? [readOwnWords(message).text] : [])).join('\n')
}

function shareInWords(grounding: Grounding | undefined): string {
  if (grounding?.claims === undefined) return `not compared with what the step was given (${grounding?.why ?? 'it was not wanted'})`
  return `${grounding.claims - grounding.unborne.length} of ${grounding.claims} claims are borne by what the step was given`
}

/** For whoever reads the answer. */
function groundingInWords(text: string, grounding: Grounding): string[] {
  if (grounding.verdict === 'grounded') return []
  if (grounding.verdict === 'unscored') return [`not grounded, nor found wrong: ${grounding.why ?? 'nobody could tell'}`]
  const shown = grounding.unborne
    .slice(0, shownSentences)
    .map(({ start, end }) => `"${text.slice(start, end).slice(0, shownSentence).toWellFormed()}"`)
  const more = grounding.unborne.length > shown.length ? ` and ${grounding.unborne.length - shown.length} more` : ''
  return [`${grounding.verdict}: what the step was given does not bear ${shown.join(', ')}${more}`]
}

/** What a verdict says of the model. */
export function signsOf(grounding: Grounding | undefined): SeenSign[] {
  if (grounding?.share === undefined || grounding.verdict === 'partly') return []
  return [{ sign: grounding.verdict === 'grounded' ? 'grounded' : 'ungrounded', source: 'harness' }]
}
