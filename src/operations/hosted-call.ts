import { textOf } from '../../models/message.ts'
import { joinTaint, noTaint } from '../../models/taint.ts'
import type { ToolOperation } from '../../policies/index.ts'
import { type CheckedArguments, type HostedTool, type RawResult, ToolError } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import { holdsPrivate } from '../privacy/holds-private.ts'
import { tracedTexts } from '../privacy/traced-content.ts'
import type { RunScope } from '../runs/run.ts'
import { outgoingTrace } from '../telemetry/active.ts'
import { guardVerdicts, toolCalls, toolDuration } from '../telemetry/metrics.ts'
import type { Span } from '../telemetry/tracer.ts'
import { absentServerOf } from './absent-servers.ts'
import { beginAudit } from './audit-call.ts'
import { checkInBrowser, judgeInBrowser } from './guard-browser.ts'
import { guardToolCall } from './guard-tool-call.ts'
import { injectedTaint, type TaintKeeper, taintOfCalling, taintOfResult } from './keep-taint.ts'
import { isAllowed } from './permission.ts'
import { type Calling, judgeCall, obtainPermission } from './permit.ts'
import { scanResult } from './scan-result.ts'
import type { Services } from './services.ts'
import { toParts } from './tool-content.ts'
import { keepIfPossible } from './without-memory.ts'

/** @throws {ToolError} Of stage `lookup`, with the nearest allowed names; one that is quarantined says so. */
export function lookUp(services: Services, name: string, caller: Caller, operation: ToolOperation): HostedTool {
  const tool = services.host.find(name)
  if (tool !== undefined && isAllowed(services, tool, caller, operation)) return tool
  if (tool?.quarantined !== undefined && isAllowed(services, { ...tool, quarantined: undefined }, caller, operation)) {
    throw new ToolError(`Cannot call ${name}: it is quarantined, ${tool.quarantined}`, { tool: name, stage: 'lookup' })
  }
  // Whoever asks learns nothing of it; the owner does.
  if (tool !== undefined) void beginAudit(services, tool, {}, { scope: { caller }, operation, taint: () => noTaint }).ended('not open')
  const absent = tool === undefined ? absentServerOf(services, name, caller) : undefined
  if (absent !== undefined) {
    throw new ToolError(`Cannot call "${name.slice(0, 100)}": ${absent.why}`, { tool: name, stage: 'lookup' })
  }
  const nearest = services.search.nearestNames(name, (one) => isAllowed(services, one, caller, operation))
  const hint = nearest.length === 0 ? 'find_tools finds one by what it should do' : `the nearest are ${nearest.join(', ')}`
  throw new ToolError(`Cannot call "${name.slice(0, 100)}": there is no such tool; ${hint}`, { tool: name, stage: 'lookup', nearest })
}

/** What a tool has answered, to which arguments, and what its caller should be told beside it. */
interface HostedAnswer extends CheckedArguments {
  readonly raw: RawResult
  /** It is not what the tool has declared. */
  readonly hasDrifted: boolean
}

interface HostedCallOptions {
  scope: RunScope
  door: ToolOperation
  decision?: string | undefined
  /** The id of the thread that the call belongs to. */
  thread?: string | undefined
  /** Whether text of others stands in the step. */
  tainted?: boolean | undefined
  /** What the person has said; unknown when absent. */
  asked?: string | undefined
  /** Who keeps account of what comes in. Without one, nothing is known of what was read before. */
  keeper?: TaintKeeper | undefined
}

/**
 * Calls a hosted tool as the policy allows: at once, after a person's yes, or not at all.
 *
 * The outcome is logged by its class, without arguments or results.
 *
 * @throws {ToolError} If the policy or the person says no, and whatever the host throws.
 */
export function callHosted(
  services: Services,
  tool: HostedTool,
  args: Record<string, unknown>,
  options: HostedCallOptions,
): Promise<HostedAnswer> {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool.name,
    'mcp.method.name': 'tools/call',
    'signalbox.server': tool.server,
  }
  return services.tracer.span(`execute_tool ${tool.name}`, { kind: 'client', attributes }, (span) =>
    judgeAndCall(services, tool, args, options, span),
  )
}

async function judgeAndCall(
  services: Services,
  tool: HostedTool,
  args: Record<string, unknown>,
  { scope, door, decision, thread, tainted = false, asked, keeper }: HostedCallOptions,
  span: Span,
): Promise<HostedAnswer> {
  const recorded = services.outcomes.begin({ principal: scope.caller.principal, thread, tool, args, door, decision, tainted })
  const calling: Calling = { scope, operation: door, taint: () => keeper?.now() ?? noTaint, tracked: keeper !== undefined }
  const audited = beginAudit(services, tool, args, { ...calling, thread, decision })
  /*
   * What a tool has done is done, also where nobody can note it. What may have changed something is noted before anybody is told of it,
   * both notes in one commit; what only reads is noted some milliseconds later, with the notes of the calls after it.
   */
  const mayWait = tool.readOnly
  const log = async (outcome: string, forOwner: () => string | Promise<string> = () => outcome) => {
    services.meter.add(toolCalls, { server: tool.server, outcome })
    if (outcome !== 'accepted' && outcome !== 'drift') span.fail(outcome)
    const learnt = keepIfPossible(services, `how ${tool.name} ended`, () => recorded.ended(outcome, { mayWait }))
    const noted = audited.ended(await forOwner(), { mayWait })
    if (!mayWait) await Promise.all([learnt, noted])
  }
  const scan = (raw: RawResult) => scanResult(services, tool, raw, { principal: scope.caller.principal, door, signal: scope.signal })
  let checked: CheckedArguments
  try {
    checked = await services.host.checkArguments(tool.name, args)
  } catch (error) {
    if (error instanceof ToolError) await log(error.kind ?? error.stage)
    throw error
  }
  // A person is asked only for what can be run, and is shown it as it will be.
  const ruled = await judgeCall(services, tool, checked.args, calling)
  const permitted = await guardToolCall(services, tool, ruled, { asked, signal: scope.signal })
  const browser = await services.browsers.call(tool, permitted.arguments, { principal: scope.caller.principal, thread })
  const ruling = await judgeInBrowser(browser, permitted, calling)
  audited.ruled(ruling)
  services.meter.add(guardVerdicts, { guard: 'tools', verdict: ruling.verdict })
  span.set({ 'signalbox.verdict': ruling.verdict, 'signalbox.rule': ruling.rule })
  try {
    await obtainPermission(services, tool, checked.args, ruling, calling)
    await checkInBrowser(browser, tool, ruling, calling)
  } catch (error) {
    if (error instanceof ToolError && error.stage === 'run') await log('denied')
    else await audited.ended(error instanceof ToolError ? 'changed' : 'cancelled')
    throw error
  }
  const cached = services.cache.begin({ principal: scope.caller.principal, tool, args: ruling.arguments }, services.policy().results.cache)
  const said = [...checked.warnings, ...changesSaid(ruling.changes)]
  // What was learnt of the first call says it all: this one tells nothing of the tool.
  if (cached?.found !== undefined) {
    span.set({ 'signalbox.answer': 'kept' })
    const { raw, isInjected } = await scan(cached.found)
    const brought = joinTaint(taintOfCalling(tool), taintOfResult(tool), isInjected ? injectedTaint : noTaint)
    const kept = (await keeper?.add(brought)) ?? []
    return { raw, args: ruling.arguments, warnings: [...said, ...new Set(kept)], hasDrifted: false }
  }
  recorded.started()
  audited.started()
  browser?.begins()
  const begunAt = performance.now()
  const measure = (outcome: string) => {
    const error = outcome === 'accepted' || outcome === 'drift' ? '' : outcome
    services.meter.observe(toolDuration, { server: tool.server, error_type: error }, (performance.now() - begunAt) / 1000)
  }
  const unkept = (await keeper?.add(taintOfCalling(tool))) ?? []
  let drift: string | undefined
  let isOver = false
  if (!tool.readOnly) services.cache.changed(tool.server)
  try {
    const result = await services.host.call(tool.name, ruling.arguments, {
      principal: scope.caller.principal,
      signal: scope.signal,
      onProgress: scope.progress,
      onLog: scope.log,
      logLevel: scope.logLevel,
      meta: outgoingTrace(),
      onInput: scope.ask,
      clientCapabilities: scope.caller.capabilities,
      onDrift: (fault) => {
        drift = fault
      },
    })
    const outcome = result['isError'] === true ? 'tool_error' : drift === undefined ? 'accepted' : 'drift'
    measure(outcome)
    if (services.tracer.content) {
      const [given, answered] = await tracedTexts(services.policy(), [JSON.stringify(ruling.arguments), textOf(toParts(result))])
      span.set({ 'gen_ai.tool.call.arguments': given, 'gen_ai.tool.call.result': answered })
    }
    isOver = true
    const scanning = scan(result)
    // Whatever comes after its answer, such as a caller who leaves, the tool has done what it did.
    await log(outcome, () =>
      scanning.then(
        ({ isInjected }) => (isInjected ? 'injection' : outcome),
        () => outcome,
      ),
    )
    const scanned = await scanning
    unkept.push(...((await keeper?.add(joinTaint(taintOfResult(tool), scanned.isInjected ? injectedTaint : noTaint))) ?? []))
    if (drift === undefined && cached !== undefined && !(await isPrivate(services, result))) cached.keep(result)
    const shown = (await browser?.answered(result)) ?? []
    const warnings = [...said, ...driftSaid(tool, drift), ...shown, ...new Set(unkept)]
    return { raw: scanned.raw, args: ruling.arguments, warnings, hasDrifted: drift !== undefined }
  } catch (error) {
    const outcome = error instanceof ToolError ? (error.kind ?? error.stage) : scope.signal.aborted ? 'cancelled' : 'internal'
    if (!isOver) {
      measure(outcome)
      await log(outcome)
    }
    throw error
  } finally {
    if (!tool.readOnly) services.cache.changed(tool.server)
  }
}

/** Reading a long result for what must not be kept takes longer than calling its tool again. */
const mostRead = 100_000

async function isPrivate({ policy }: Pick<Services, 'policy'>, result: RawResult): Promise<boolean> {
  const { privacy } = policy().default.guards ?? {}
  if (privacy === undefined) return false
  const text = JSON.stringify(result)
  return text.length > mostRead || holdsPrivate(policy(), [text])
}

function driftSaid({ name }: HostedTool, drift: string | undefined): string[] {
  return drift === undefined ? [] : [`the result is not what ${name} has declared: ${drift}`]
}

/** Who made the call must know that something else was run than was asked for. */
function changesSaid(changes: readonly string[]): string[] {
  return changes.length === 0 ? [] : [`the policy has changed the arguments: ${changes.join(', ')}`]
}
