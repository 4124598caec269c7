import type { ComputerAction } from '../../models/computer/action.ts'
import { computerToolName } from '../../models/computer/calls.ts'
import type { ComputerFormatName, SafetyCheck } from '../../models/computer/format.ts'
import { ImageError } from '../../models/errors.ts'
import type { ImagePart, Message, Part, ToolCallPart, ToolDefinition } from '../../models/message.ts'
import type { ModelEvent, ModelFinish } from '../../models/provider.ts'
import { noTaint } from '../../models/taint.ts'
import { ClientRequestError } from '../../models/wire/client-format.ts'
import type { Frame, OpenFrame } from '../../tools/computer/frame.ts'
import { sha256Of } from '../../tools/computer/frames.ts'
import { checkScreen } from '../../tools/computer/guard/screen.ts'
import type { Verdict } from '../../tools/computer/guard/verdict.ts'
import type { Caller } from '../caller.ts'
import type { Config } from '../config/config.ts'
import { isContent } from '../dispatch/clocks.ts'
import { finished } from '../dispatch/computer-calls.ts'
import type { Heard } from '../dispatch/heard.ts'
import type { Line } from '../dispatch/line.ts'
import type { Approvals } from '../runs/approvals.ts'
import type { Computer } from './computer.ts'
import { askedBefore, consentTo, settled } from './consent.ts'
import { judgeTurn, mayChangeScreen } from './judge-turn.ts'
import type { Judged } from './judged.ts'
import type { ScreenText } from './reading.ts'
import { actionsOf, type ScreenHistory, screenHistoryOf } from './screen-history.ts'
import { sentBy } from './sent-by.ts'

/** One action of an answer as it is written down. */
export interface ActionVerdict {
  /** Id of the call, and the action's place among all of the answer. */
  readonly call: string
  readonly index: number
  readonly action: ComputerAction['type'] | 'unreadable'
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  readonly frame?: string | undefined
  readonly approval?: string | undefined
}

/** The guard over an answer on its way to a client. */
export interface AnswerGuard {
  /** What may go on now: words and thoughts before the first call. What is held back comes once its actions are judged. */
  hear(arrival: Heard): Promise<readonly Heard[]>
  /** Of all actions so far. */
  verdicts(): readonly ActionVerdict[]
}

export interface AnswerGuardServices extends Line {
  readonly config: () => Pick<Config, 'profiles' | 'roles'>
  readonly computer: Computer
  readonly approvals: Approvals
}

export interface GuardedRequest {
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly tools: readonly ToolDefinition[]
  /** The whole conversation. */
  readonly messages: readonly Message[]
  /** Under which its screenshots are kept. */
  readonly session: string
  /** What the client sent along of a person's yes. */
  readonly approval: string | undefined
}

/**
 * Computer actions that pass over the wire formats, judged against the newest screenshot of their request.
 *
 * An answer of whose actions nothing is to be changed goes on as it came, byte for byte; to know that, it is held from its first call
 * until it is whole. Else the rest is written anew: actions that are allowed, up to the first that is not. Where the format has a field
 * for it, what a person has to confirm goes on with a check that the client acknowledges; else words stand in its place. What has to be
 * decided anew becomes a look at the screen. What the model meant to do after it is left out, since it was meant for a screen that never
 * came to be.
 *
 * @throws {ClientRequestError} If the client has done what nobody accepted.
 */
export async function openAnswerGuard(services: AnswerGuardServices, given: GuardedRequest): Promise<AnswerGuard | undefined> {
  const format = given.tools.find(({ computer }) => computer !== undefined)?.computer?.format
  if (format === undefined || services.policy().default.guards?.computer === undefined) return undefined
  await checkAcknowledged(services.approvals, given)
  const history = screenHistoryOf(given.messages, format)
  const looking = lookAt(services, given, history)
  looking.catch(() => undefined)
  const verdicts: ActionVerdict[] = []
  let held: Heard[] = []
  let [flows, holds] = [false, false]
  /** Read while the rest of the answer comes: it is known now who gives it. */
  let readFor: string | undefined

  return {
    verdicts: () => verdicts,
    async hear(arrival) {
      if (readFor !== arrival.deployment) {
        readFor = arrival.deployment
        const rule = sentBy(services, readFor)
        const read = async (screen: Looked | string) => {
          if (typeof screen !== 'string') await services.computer.reader.read(given.caller.principal, screen.newest, screen.previous, rule)
        }
        looking.then(read).catch(() => undefined)
      }
      held.push(arrival)
      holds ||= arrival.events.some(isOfComputer) || (arrival.bytes !== undefined && arrival.isWords !== true)
      const last = arrival.events.at(-1)
      // Headers go out with the first words, and hold the verdict where there are none.
      flows ||= !holds && arrival.events.some(isContent)
      if (holds ? last?.type !== 'finish' : !flows) return []
      const due = held
      held = []
      if (last?.type !== 'finish') return due
      if (!last.message.content.some(isCall)) return due
      const made = await judgeAnswer(services, { ...given, format, history, screen: await looking, heard: arrival }, last.message)
      verdicts.push(...made.verdicts)
      return made.calls === undefined ? due : [rewritten(due, last, made.calls)]
    },
  }
}

function isCall(part: Part): part is ToolCallPart {
  return part.type === 'tool-call' && part.name === computerToolName
}

/** Before the end of an answer: any sign of a call of the computer, whose members may have names of their own. */
function isOfComputer(event: ModelEvent): boolean {
  return event.type === 'tool-call-delta' || event.type === 'tool-call' || event.type === 'finish'
}

/** What was pending in the newest turn must have been accepted before the client did it. */
async function checkAcknowledged(approvals: Approvals, { caller, messages }: GuardedRequest): Promise<void> {
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  const asked = new Map(
    (messages[last]?.content ?? []).flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.computer?.safetyChecks ?? []]] : [])),
  )
  for (const part of messages.slice(last + 1).flatMap(({ content }) => content)) {
    if (part.type !== 'tool-result') continue
    const accepted = new Set(part.computer?.acknowledged.map(({ id }) => id))
    for (const { vendor, id } of asked.get(part.id) ?? []) {
      if (vendor !== 'signalbox' || id === undefined) continue
      const refused = accepted.has(id)
        ? await approvals.acknowledge(caller.principal, id, 'the client, over the wire')
        : 'it was not acknowledged'
      if (refused !== undefined)
        throw new ClientRequestError('acknowledged_safety_checks', `must hold ${id} before its action is done: ${refused}`)
    }
  }
}

interface Looked {
  readonly newest: OpenFrame
  /** Earlier ones of the conversation, oldest first. */
  readonly before: readonly Frame[]
  readonly previous: OpenFrame | undefined
}

/** The screenshots of the conversation as frames; read while the model thinks. Why there is none, in a sentence, where there is none. */
async function lookAt(
  { computer }: AnswerGuardServices,
  { caller, session, signal }: GuardedRequest,
  history: ScreenHistory,
): Promise<Looked | string> {
  const { screen, url } = history
  if (screen === undefined) return 'the request has no screenshot that could be looked at'
  const { principal } = caller
  const known = await computer.frames.ofThread(principal, session)
  const last = known.at(-1)
  try {
    const bytes = bytesOf(screen)
    const same = last?.sha256 === (await sha256Of(bytes)) ? await computer.frames.open(principal, last.id) : undefined
    const newest = same ?? (await computer.frames.take(principal, session, { bytes, url }, { signal })).frame
    const before = known.filter(({ id }) => id !== newest.id)
    const previous = before.at(-1) === undefined ? undefined : await computer.frames.open(principal, before.at(-1)?.id ?? '')
    computer.reader.read(principal, newest, previous).catch(() => undefined)
    return { newest, before, previous }
  } catch (error) {
    if (error instanceof ImageError) return error.message
    throw error
  }
}

function bytesOf({ data }: ImagePart): Uint8Array {
  return Buffer.from(data, 'base64')
}

interface ToJudge extends GuardedRequest {
  readonly format: ComputerFormatName
  readonly history: ScreenHistory
  readonly screen: Looked | string
  /** The end of the answer: who gave it, by which plan. */
  readonly heard: Pick<Heard, 'plan' | 'deployment'>
}

interface JudgedAnswer {
  readonly verdicts: readonly ActionVerdict[]
  /** What stands for each call; `undefined` where all of them stay as they are. */
  readonly calls: ReadonlyMap<string, readonly Part[]> | undefined
}

/** What becomes of one action: it goes on, perhaps with a check, or the answer ends before it. */
interface Fate {
  readonly verdict: ActionVerdict
  readonly check?: SafetyCheck | undefined
  /** Words, or a look at the screen. */
  readonly instead?: string | 'look' | undefined
}

async function judgeAnswer(services: AnswerGuardServices, given: ToJudge, message: Message): Promise<JudgedAnswer> {
  const calls = message.content.filter(isCall).map((call) => ({ call, actions: actionsOf(call, given.format) }))
  const verdicts: ActionVerdict[] = []
  const stands = new Map<string, readonly Part[]>()
  const readable = calls.slice(0, calls.findIndex(({ actions }) => actions === undefined) >>> 0)
  const judged = await judgeActions(services, given, readable)
  let isSame = true
  let isOver = false
  let index = 0
  for (const { call, actions } of calls) {
    const kept: ComputerAction[] = []
    const checks: SafetyCheck[] = []
    const words: string[] = []
    for (const action of actions ?? [undefined]) {
      if (isOver) break
      const { verdict, check, instead } = await fateOf(services, given, { call, action, index, judged: judged[index] })
      verdicts.push(verdict)
      index += 1
      if (instead === undefined && action !== undefined) kept.push(action)
      if (check !== undefined) checks.push(check)
      if (instead === 'look') kept.push({ type: 'screenshot' })
      else if (instead !== undefined) words.push(instead)
      isOver = instead !== undefined
    }
    if (!isOver && checks.length === 0) continue
    isSame = false
    const safetyChecks = [...(call.computer?.safetyChecks ?? []), ...checks]
    const own: ToolCallPart[] = kept.length === 0 ? [] : [{ ...call, input: { actions: kept }, computer: { safetyChecks } }]
    stands.set(call.id, [...own, ...words.map((text): Part => ({ type: 'text', text }))])
  }
  return { verdicts, calls: isSame ? undefined : stands }
}

async function judgeActions(
  services: AnswerGuardServices,
  given: ToJudge,
  calls: readonly { readonly call: ToolCallPart; readonly actions: ComputerAction[] | undefined }[],
): Promise<readonly Judged[]> {
  const { screen, history, caller, signal, heard } = given
  if (typeof screen === 'string') return []
  const { newest, before } = screen
  const frames = new Map([...before, newest].map((frame) => [frame.sha256, frame]))
  // Clients leave old screenshots out of their requests: what was seen stays seen.
  const hashes: (string | undefined)[] = []
  for (const { screen: seen } of history.steps) hashes.push(seen && (await sha256Of(bytesOf(seen))))
  const told = new Set(hashes)
  const untold = before.filter(({ sha256 }) => !told.has(sha256)).map(({ id, dhash }) => ({ frame: id, dhash, actions: [] }))
  const steps = history.steps.map(({ actions }, at) => {
    const frame = frames.get(hashes[at] ?? '')
    return { frame: frame?.id, dhash: frame?.dhash, actions }
  })
  // A screen that gives orders is of strangers, and so is all that comes of it.
  const rule = sentBy(services, heard.deployment)
  const now = await services.computer.reader.read(caller.principal, newest, undefined, rule)
  const seen = before.flatMap(({ text = [], views = [] }) => [{ text }, ...views])
  const ordered = await givesOrders(typeof now === 'string' ? seen : [...seen, now])
  return judgeTurn(services, {
    actions: calls.flatMap(({ actions }) => actions ?? []),
    safetyChecks: calls.flatMap(({ call }) => call.computer?.safetyChecks ?? []),
    seen: { decidedOn: newest, newest },
    session: { goal: history.goal, steps: [...untold, ...steps] },
    scope: { caller, signal, spend: () => undefined },
    taint: { ...noTaint, untrustedRead: history.hasRead || ordered },
    // What it cost, the decisions of a conversation over the wire do not tell its guard.
    spent: { steps: history.steps.length },
    done: history.done,
    sentBy: rule,
  })
}

async function givesOrders(screens: readonly Pick<ScreenText, 'text' | 'asSent'>[]): Promise<boolean> {
  for (const { text, asSent } of screens) if ((await checkScreen({ text, asSent })).flagged.length > 0) return true
  return false
}

interface OneAction {
  readonly call: ToolCallPart
  /** `undefined`: nobody can read it. */
  readonly action: ComputerAction | undefined
  readonly index: number
  readonly judged: Judged | undefined
}

async function fateOf(services: AnswerGuardServices, given: ToJudge, { call, action, index, judged }: OneAction): Promise<Fate> {
  const { screen, format, caller, heard } = given
  const frame = typeof screen === 'string' ? undefined : screen.newest.id
  const told = { call: call.id, index, action: action?.type ?? ('unreadable' as const), frame }
  if (action === undefined) {
    const reasons = ['nobody can read what it does']
    return { verdict: { ...told, verdict: 'deny', reasons }, instead: inWords('deny', reasons) }
  }
  if (judged === undefined || typeof screen === 'string') {
    const reasons = typeof screen === 'string' ? [screen] : []
    if (!mayChangeScreen(action)) return { verdict: { ...told, verdict: 'allow', reasons: [] } }
    return { verdict: { ...told, verdict: 'reobserve', reasons }, instead: 'look' }
  }
  const { verdict, reasons } = judged
  if (verdict === 'allow') return { verdict: { ...told, verdict, reasons } }
  if (verdict === 'reobserve') return { verdict: { ...told, verdict, reasons }, instead: 'look' }
  if (verdict === 'deny') return { verdict: { ...told, verdict, reasons }, instead: inWords(verdict, reasons) }
  const canAsk = format.startsWith('openai')
  // What the vendor asks for is asked for by its own check.
  const isVendors = judged.findings.every((finding) => finding.verdict !== 'confirm' || finding.layer === 'vendor')
  if (canAsk && isVendors) return { verdict: { ...told, verdict, reasons } }
  const asked = {
    parts: [{ action, judged }],
    seen: { decidedOn: screen.newest, newest: screen.newest },
    url: given.history.url,
    tool: computerToolName,
  }
  const own = { frames: services.computer.frames, approvals: services.approvals }
  const before = given.approval === undefined ? await askedBefore(own, asked, caller.principal) : undefined
  // A check is for one call; a question in words may be asked again.
  const approval = given.approval ?? (before?.status === 'pending' && canAsk ? undefined : before?.id)
  const scope = { caller, handle: heard.plan.decision, ask: async () => ({}) }
  const what = settled(await consentTo(own, asked, approval, scope), reasons)
  const made: ActionVerdict = { ...told, verdict: what.verdict, reasons: what.reasons, approval: what.approval }
  if (what.verdict === 'allow') return { verdict: made }
  if (what.verdict === 'reobserve') return { verdict: made, instead: 'look' }
  if (what.verdict === 'confirm' && what.approval !== undefined && canAsk) {
    const check = { vendor: 'signalbox' as const, id: what.approval, code: codeOf(judged), message: what.reasons.join('; ') }
    return { verdict: made, check }
  }
  return { verdict: made, instead: inWords(what.verdict, what.reasons, what.approval) }
}

/** The finding that a person is asked for. */
function codeOf({ findings }: Judged): string {
  const asking = findings.filter(({ verdict }) => verdict === 'confirm')
  return (asking.find(({ layer }) => layer === 'consent') ?? asking[0])?.code ?? 'confirm'
}

function inWords(verdict: Verdict, reasons: readonly string[], approval?: string): string {
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  if (verdict !== 'confirm') return `The next action was not done; Signalbox denies it${why}.`
  return (
    `The next action was not done; a person has to confirm it first${why}. ` +
    `A person decides with: signalbox approvals accept ${approval} (or deny). Then send the request again, with the header x-signalbox-approval: ${approval}`
  )
}

/** The same answer with other parts in the places of its calls. What is not about the computer stays in its order. */
function rewritten(due: readonly Heard[], finish: ModelFinish, calls: ReadonlyMap<string, readonly Part[]>): Heard {
  const [first] = due
  const last = due.at(-1)
  if (first === undefined || last === undefined) throw new TypeError('An answer without its end was to be written anew')
  const partsOf = (call: ToolCallPart): readonly Part[] => (isCall(call) ? (calls.get(call.id) ?? [call]) : [call])
  const names = new Set(finish.message.content.flatMap((part) => (isCall(part) ? [part.id] : [])))
  const events = due
    .flatMap(({ events: all }) => all)
    .flatMap((event): ModelEvent[] => {
      if (event.type === 'tool-call-delta') return names.has(event.id) ? [] : [event]
      if (event.type !== 'tool-call') return event.type === 'finish' ? [] : [event]
      return partsOf(event.call).flatMap((part): ModelEvent[] => {
        if (part.type === 'text') return [{ type: 'text-delta', text: part.text }]
        return part.type === 'tool-call' ? [{ type: 'tool-call', call: part }] : []
      })
    })
  const content = finish.message.content.flatMap((part) => (part.type === 'tool-call' ? partsOf(part) : [part]))
  const end = finished({ ...finish, message: { ...finish.message, content } })
  return { ...last, events: [...events, end], bytes: undefined, sent: undefined }
}
