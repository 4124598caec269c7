import type { ComputerAction } from '../../models/computer/action.ts'
import type { SafetyCheck } from '../../models/computer/format.ts'
import { type ImageRule, imageRule } from '../../models/images.ts'
import { noTaint } from '../../models/taint.ts'
import { checkLoop, hashAction } from '../../tools/computer/guard/loop.ts'
import type { Verdict } from '../../tools/computer/guard/verdict.ts'
import type { Caller } from '../caller.ts'
import { keepTaint } from '../operations/keep-taint.ts'
import type { NextInput } from '../operations/next-action.ts'
import type { Services } from '../operations/services.ts'
import { openThread } from '../operations/without-memory.ts'
import { capsOf, reachOf } from '../reach.ts'
import type { RunScope } from '../runs/run.ts'
import { targetOf } from './check.ts'
import type { Computer } from './computer.ts'
import { consentTo, settled } from './consent.ts'
import { conversationOf } from './conversation.ts'
import { judgeTurn } from './judge-turn.ts'
import { type Proposed, proposeActions } from './propose.ts'
import { openScreens, type Seen } from './screens.ts'
import { sentBy } from './sent-by.ts'
import { type ActionResult, type ComputerSession, nothingSpent, type SessionStep, withResults } from './session.ts'

export interface NextAction {
  readonly index: number
  readonly frame: string
  readonly action: ComputerAction
  readonly claim?: string | undefined
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  readonly target?: Readonly<Record<string, unknown>> | undefined
  readonly approval?: string | undefined
  readonly expires_at?: string | undefined
}

export interface NextAnswer {
  readonly actions: readonly NextAction[]
  readonly say: string
  readonly done: boolean
  readonly facts: Readonly<Record<string, unknown>> & { readonly thread: string }
  readonly way: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * One step of the work on a screen.
 *
 * With `approval`, the step that waits is judged again on the new screenshot instead of asking a model anew.
 *
 * @throws {InputError} | {ImageError} If what was given cannot be used, and what `dispatchStep` throws.
 */
export async function nextActions(services: Services, given: NextInput, outer: RunScope): Promise<NextAnswer> {
  const { caller, signal } = outer
  let usd = 0
  const scope: RunScope = {
    ...outer,
    spend(more) {
      usd += more
      outer.spend(more)
    },
  }
  const { principal } = caller
  const { computer } = services
  const opened = await openThread(services, caller, given.thread)
  const thread = opened.thread ?? scope.handle
  const seen = await openScreens(
    { frames: computer.frames, files: services.files },
    { screenshot: given.screenshot },
    { caller, thread, signal },
  )
  const last = (await computer.frames.ofThread(principal, thread)).at(-2)
  const before = last && (await computer.frames.open(principal, last.id))
  // Read while the model thinks.
  const masks = maskedFor(services, caller)
  for (const rule of [undefined, ...(masks ?? [])]) computer.reader.read(principal, seen.newest, before, rule).catch(() => undefined)
  const known = (await computer.sessions.get(principal, thread)) ?? { goal: given.goal, steps: [] }
  const session = withResults({ ...known, goal: given.goal }, given.results ?? [])
  const { spent = nothingSpent } = known
  await noteResults(computer, principal, known, given.results)
  const keeper = await keepTaint(services, principal, opened.thread, noTaint)
  const waiting = session.steps.at(-1)
  if (given.approval !== undefined && waiting !== undefined) {
    return goOn(services, { given, scope, session, waiting, seen, thread, approval: given.approval })
  }
  const [over] = checkLoop({ action: { type: 'screenshot' }, past: [], budget: computer.tools().rules.budget, spent })
  if (over !== undefined) {
    return {
      ...{ actions: [], done: true, way: ['no model was asked'], warnings: opened.warnings },
      say: `The work on this screen has stopped: ${over.reason} in one thread. It goes on when the policy allows more (guards.computer.budget), or in a new thread.`,
      facts: { thread, frame: seen.newest.id, handle: scope.handle, stopped: over.code, spent },
    }
  }
  const judge = async (actions: readonly ComputerAction[], safetyChecks: readonly SafetyCheck[], model: string) => {
    const own = { actions, safetyChecks, seen, session, scope, taint: keeper.now(), sentBy: sentBy(services, model) }
    const judged = await judgeTurn(services, own)
    // A screen that gives orders is of strangers, and so is all that comes of it.
    if (judged.some(({ findings }) => findings.some(({ layer }) => layer === 'screen')))
      await keeper.add({ ...noTaint, untrustedRead: true })
    return judged
  }
  const picture = (id: string) => (masks ? computer.masking.image(principal, id, masks) : services.frames.get(principal, id))
  const messages = await conversationOf(session, seen.newest, { frames: computer.frames, picture, principal })
  const shown = masks ? await computer.masking.image(principal, seen.newest.id, masks) : undefined
  const request = {
    principal,
    client: caller.client?.name,
    roles: caller.roles,
    metadata: caller.metadata,
    mayUsePool: reachOf(caller, services.config()).pool,
    caps: capsOf(caller),
    thread: undefined,
    conversation: thread,
    taint: keeper.now,
  }
  const pastOn = (model: string) => computer.pastSteps.on(principal, seen.newest, model)
  const asking = {
    ...{ request, messages, frame: seen.newest, environment: given.environment, judge, pastOn },
    strongestBecause: stuckReason(session),
  }
  const proposed = await proposeActions(services, asking, scope).catch(async (error: unknown) => {
    // What was paid for nothing was paid all the same.
    await computer.sessions.put(principal, thread, { ...session, spent: { ...spent, usd: spent.usd + usd } })
    throw error
  })
  const actions = await answered(services, { proposed, seen, scope })
  const step: SessionStep = {
    frame: seen.newest.id,
    dhash: seen.newest.dhash,
    message: proposed.result.message,
    model: proposed.result.outcome.model,
    actions: proposed.actions,
    safetyChecks: proposed.safetyChecks,
    verdicts: proposed.judged.map((judged) => ({ verdict: judged.verdict, reasons: judged.reasons, target: targetOf(judged) })),
  }
  const own = { goal: session.goal, steps: [...session.steps, step], spent: { steps: spent.steps + 1, usd: spent.usd + usd } }
  await computer.sessions.put(principal, thread, own)
  const finish = proposed.actions.find((action) => action.type === 'finish')
  const { outcome, plan, warnings } = proposed.result
  return {
    actions: actions.filter(({ action }) => action.type !== 'finish'),
    say: [proposed.say, finish?.text ?? ''].filter((text) => text !== '').join('\n\n'),
    done: proposed.actions.length === 0 || finish !== undefined,
    facts: {
      model: outcome.model,
      pool: outcome.pool,
      decision: plan.decision,
      thread,
      frame: seen.newest.id,
      cost_usd: outcome.costUsd,
      masked: (shown?.masked ?? []).map(({ kind, left, top, right, bottom }) => ({ kind, left, top, right, bottom })),
      ...(finish !== undefined && { outcome: finish.status }),
    },
    way: proposed.way,
    warnings: [
      ...opened.warnings,
      ...warnings,
      ...(shown?.unread === undefined ? [] : [`the screen was not searched for secrets: ${shown.unread}`]),
    ],
  }
}

/** The rules of the models that may get a screen and from which the policy keeps what is secret on it; `undefined` where it does from none. */
function maskedFor(services: Services, caller: Caller): ImageRule[] | undefined {
  const from = services.policy().default.guards?.computer?.redact ?? 'remote'
  if (from === 'never') return undefined
  const reach = reachOf(caller, services.config())
  const names = services
    .pools()
    .filter(({ name }) => reach.pool(name))
    .flatMap(({ deployments }) => deployments)
    .flatMap(({ local, modalities, imageRule: name }) => (modalities.includes('image') && (from === 'always' || !local) ? [name] : []))
  return names.length === 0 && from === 'remote' ? undefined : [...new Set(names)].map(imageRule)
}

/** What the caller is told to do: each action with its verdict, and whom to ask; with an approval, what has become of it. */
async function answered(
  { computer, approvals }: Services,
  { proposed, seen, scope, approval }: { proposed: Pick<Proposed, 'actions' | 'judged'>; seen: Seen; scope: RunScope; approval?: string },
): Promise<NextAction[]> {
  const all: NextAction[] = []
  for (const [index, action] of proposed.actions.entries()) {
    const judged = proposed.judged[index]
    if (judged === undefined) continue
    const { verdict, reasons } = judged
    const plain: NextAction = { index, frame: seen.newest.id, action, verdict, reasons, target: targetOf(judged) }
    if (verdict !== 'confirm') {
      all.push(plain)
      continue
    }
    const asked = { parts: [{ action, judged }], seen, url: undefined, tool: 'next_action' }
    const { expiresAt, ...told } = settled(await consentTo({ frames: computer.frames, approvals }, asked, approval, scope), reasons)
    all.push({ ...plain, ...told, expires_at: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString() })
  }
  return all
}

interface Waiting {
  readonly given: NextInput
  readonly scope: RunScope
  readonly session: ComputerSession
  readonly waiting: SessionStep
  readonly seen: Seen
  readonly thread: string
  readonly approval: string
}

/** The step that waits for a person, judged again on the screen as it is now. */
async function goOn(services: Services, { scope, session, waiting, seen, thread, approval }: Waiting): Promise<NextAnswer> {
  const { computer } = services
  const { principal } = scope.caller
  const before = { ...session, steps: session.steps.slice(0, -1) }
  const taint = (await services.threads.get(principal, thread))?.taint ?? noTaint
  const { actions: proposed, safetyChecks } = waiting
  const own = { actions: proposed, safetyChecks, seen, session: before, scope, taint, sentBy: sentBy(services, waiting.model) }
  const judged = await judgeTurn(services, own)
  const actions = await answered(services, { proposed: { actions: proposed, judged }, seen, scope, approval })
  // What had to be confirmed and may be done now was accepted.
  const approved = actions.some(({ index, verdict }) => verdict === 'allow' && judged[index]?.verdict === 'confirm')
  await computer.sessions.put(principal, thread, { ...before, steps: [...before.steps, { ...waiting, approved }] })
  return {
    actions,
    say: '',
    done: false,
    facts: { model: waiting.model, thread, frame: seen.newest.id },
    way: ['no model was asked: this is the step that waited for a person'],
    warnings: [],
  }
}

/** What became of a step teaches the next one on a screen like its own; once, however often it is told. */
async function noteResults(
  { frames, pastSteps }: Computer,
  principal: string,
  { steps }: ComputerSession,
  results: readonly ActionResult[] = [],
): Promise<void> {
  const last = steps.at(-1)
  const screen =
    last === undefined || last.results !== undefined || results.length === 0 ? undefined : await frames.get(principal, last.frame)
  if (last === undefined || screen === undefined) return
  await pastSteps.note(principal, screen, { model: last.model, ok: results.every(({ ok }) => ok) })
}

/** Why a stronger model is needed at once. */
function stuckReason({ steps }: ComputerSession): string | undefined {
  const recent = steps.slice(-3)
  if (recent.length === 3 && recent.every(({ results }) => results?.some(({ ok }) => !ok) === true)) return 'the last three steps failed'
  const [first] = recent
  const same = first !== undefined && recent.length === 3 && recent.every(({ dhash }) => dhash === first.dhash)
  const hashes = new Set(recent.map(({ actions }) => actions.map(hashAction).join()))
  if (same && hashes.size === 1) return 'the same was done three times, and the screen did not change'
  return steps.at(-1)?.results?.some(({ ok }) => !ok) === true ? 'the last action failed' : undefined
}
