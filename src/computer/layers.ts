import type { ComputerAction } from '../../models/computer/action.ts'
import { OcrError } from '../../models/errors.ts'
import type { Ocr } from '../../models/local/ocr/index.ts'
import { type Consent, classifyAction } from '../../tools/computer/guard/consent.ts'
import { type ConsentTier, consentKinds } from '../../tools/computer/guard/consent-classes.ts'
import { checkAddress, checkPage } from '../../tools/computer/guard/domain.ts'
import { judgeFreshness } from '../../tools/computer/guard/freshness.ts'
import { checkTarget, type TargetReport } from '../../tools/computer/guard/target.ts'
import type { TargetKnowledge } from '../../tools/computer/guard/target-knowledge.ts'
import type { Finding, LayerName, LayerReport, Verdict } from '../../tools/computer/guard/verdict.ts'
import { type Proposal, pointOf } from './look.ts'

export interface LayerTools {
  /** Without one, what stands under a click is not read, and that is said. */
  readonly ocr: Ocr | undefined
  readonly knowledge: TargetKnowledge | undefined
  readonly domains: readonly string[]
}

export interface Looked {
  readonly reports: readonly LayerReport[]
  readonly target: TargetReport | undefined
  readonly consent: Consent
}

/**
 * Every layer that looks at one action. Each runs alone; what needs another's finding (a label, whether the action has consequences)
 * is given it, and says so when it is missing.
 */
export async function lookAt(proposal: Proposal, tools: LayerTools, signal: AbortSignal): Promise<Looked> {
  const { block, newest, decidedOn, claim, url, task, index } = proposal
  const point = pointOf(block.action)
  const target = needsTarget(block.action) && point !== undefined ? await targetOf(proposal, point, tools, signal) : undefined
  const consent = classifyAction({
    action: block.action,
    label: target?.label,
    claim,
    url,
    nearby: target?.nearby.join('\n'),
    task,
  })
  const [freshness, domain] = [
    await judgeFreshness({ decidedOn, newest, point, target: target?.box, block: index, isConsequential: consent.tier !== 'none' }),
    domainOf(proposal, tools),
  ]
  const reports = [consentReport(consent), domain, freshness, ...(target === undefined ? [] : [target])]
  return { reports, target, consent }
}

/** A move or a wheel harms nothing by itself. */
function needsTarget(action: ComputerAction): boolean {
  return action.type === 'click' || action.type === 'mouse-down' || action.type === 'drag' || action.type === 'type'
}

async function targetOf(
  { newest, claim }: Proposal,
  at: { x: number; y: number },
  { ocr, knowledge }: LayerTools,
  signal: AbortSignal,
): Promise<TargetReport> {
  const begun = performance.now()
  const risksOf = (text: string) =>
    classifyAction({ action: { type: 'click', at, button: 'left', count: 1, modifiers: [] }, label: text }).classes
  try {
    return await checkTarget(
      { raster: newest.raster, at, claim: claim === undefined ? undefined : { intent: claim }, text: newest.text, signal },
      { ocr, risksOf, knowledge },
    )
  } catch (error) {
    if (!(error instanceof OcrError)) throw error
    return { layer: 'target', findings: [], unscored: error.message, ms: performance.now() - begun, nearby: [] }
  }
}

const verdictOfTier: Readonly<Record<ConsentTier, Verdict>> = { none: 'allow', task: 'confirm', confirm: 'confirm', handover: 'deny' }

function consentReport({ classes, evidence, unscored }: Consent): LayerReport {
  const findings = classes.map((name): Finding => {
    const { tier, does } = consentKinds[name]
    const words = evidence.find((one) => one.class === name)?.words
    const because = words === undefined || words === '' ? '' : ` ("${words}")`
    const who = tier === 'handover' ? '; a person does this alone' : ''
    return { layer: 'consent', verdict: verdictOfTier[tier], code: name, reason: `This ${does}${because}${who}` }
  })
  return { layer: 'consent', findings, unscored, ms: 0 }
}

function domainOf({ block, url, decidedOn, task }: Proposal, { domains: allowed }: LayerTools): LayerReport {
  return timed('domain', () => [
    ...(url === undefined ? [] : checkPage({ url, allowed, expected: decidedOn.url, task })),
    ...(block.action.type === 'navigate' ? checkAddress({ url: block.action.url, allowed, task, from: url ?? decidedOn.url }) : []),
  ])
}

function timed(layer: LayerName, look: () => readonly Finding[]): LayerReport {
  const begun = performance.now()
  const findings = look()
  return { layer, findings, ms: performance.now() - begun }
}
