import type { ComputerAction } from '../../../models/computer/action.ts'
import type { SafetyCheck } from '../../../models/computer/format.ts'
import type { Size } from '../../../models/computer/space.ts'
import { createPause } from '../../../models/images.ts'
import type { Taint } from '../../../models/taint.ts'
import { checkBounds } from './bounds.ts'
import { type Consent, classifyAction } from './consent.ts'
import { consentFindings, sends } from './consent-findings.ts'
import { checkAddress, checkPage, siteOf } from './domain.ts'
import { type AskJudge, askJudge } from './judge.ts'
import { checkLoop, type LoopInput } from './loop.ts'
import { defaultRules, type GuardRules, ruled } from './rules.ts'
import { checkTaint, type ReadValue } from './taint.ts'
import { checkVendor } from './vendor.ts'
import { type Finding, type LayerName, type LayerReport, strictest, type Verdict, verdicts } from './verdict.ts'

/** One action with all that is known about it. Only the action and the taint of its thread must be there. */
export interface GuardInput {
  readonly action: ComputerAction
  readonly taint: Taint
  readonly claim?: string | undefined
  readonly label?: string | undefined
  /** What the sign on the target surely means, where no words stand on it. */
  readonly sign?: string | undefined
  readonly role?: string | undefined
  readonly fieldType?: string | undefined
  readonly nearby?: string | undefined
  readonly task?: string | undefined
  /** Where the browser is, and where it was when the action was decided on. */
  readonly url?: string | undefined
  readonly expectedUrl?: string | undefined
  /** The frame that the action is carried out on. */
  readonly frame?: { readonly source: Size; readonly dhash?: string | undefined } | undefined
  readonly read?: readonly ReadValue[] | undefined
  readonly typedBefore?: readonly string[] | undefined
  readonly past?: LoopInput['past'] | undefined
  readonly actionHash?: LoopInput['actionHash']
  /** Of the page, where no frame is at hand. */
  readonly pageHash?: string | undefined
  readonly spent?: LoopInput['spent'] | undefined
  readonly safetyChecks?: readonly SafetyCheck[] | undefined
  /** A person has said yes to exactly this: what only asks is answered, what denies or wants a new look is not. */
  readonly approved?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** A layer that looks at pixels. What it reads on the target is what the layers after it judge by. */
export type PixelLayer = (input: GuardInput) => Promise<LayerReport & SeenOnTarget>

interface SeenOnTarget {
  readonly label?: string | undefined
  readonly sign?: string | undefined
  readonly nearby?: readonly string[] | undefined
}

export interface GuardLayers {
  readonly rules?: GuardRules | undefined
  /** In the order in which they run, the one that reads the target first. */
  readonly pixels?: readonly { readonly name: LayerName; readonly look: PixelLayer }[] | undefined
  readonly judge?: AskJudge | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why it is not simply allowed, the strictest first. */
  readonly reasons: readonly string[]
  readonly findings: readonly Finding[]
  readonly consent: Consent
  readonly reports: readonly LayerReport[]
}

/**
 * All layers over one action: the strictest finding decides, and the policy's own lines raise it, or lower what only asks a person.
 *
 * A layer that fails is unscored, never clean. That counts where the words of the target are unknown, or where the thread has read what
 * strangers wrote or the action can carry something out; elsewhere the report alone says it.
 */
export async function judgeAction(given: GuardInput, { rules = defaultRules, pixels = [], judge }: GuardLayers = {}): Promise<Judgement> {
  const reports: LayerReport[] = [timed('action', () => checkBounds(given.action, given.frame?.source))]
  let input = given
  const pause = createPause()
  if (!reports.some(({ findings }) => findings.length > 0)) {
    for (const { name, look } of pixels) {
      const report = await seen(name, look, input)
      await pause()
      reports.push(report)
      // What stands there counts for more than what was said to stand there, and a name that the page's own tree gives for most.
      input = {
        ...input,
        label: input.label ?? report.label,
        sign: given.label === undefined ? (input.sign ?? report.sign) : undefined,
        nearby: input.nearby ?? report.nearby?.join('\n'),
      }
    }
  }
  const started = performance.now()
  const consent = classifyAction(input)
  reports.push({
    layer: 'consent',
    findings: consentFindings(consent, input.task),
    ...(consent.unscored !== undefined && { unscored: consent.unscored }),
    ms: performance.now() - started,
  })
  await pause()
  reports.push(timed('domain', () => domainFindings(input, rules)))
  const carriesOut = sends(input.action, consent.classes)
  reports.push(
    timed('taint', () => checkTaint({ ...input, sends: carriesOut })),
    timed('loop', () => checkLoop({ ...input, dhash: input.frame?.dhash ?? input.pageHash, past: input.past ?? [], budget: rules.budget })),
    timed('vendor', () => checkVendor(input.safetyChecks ?? [])),
  )
  const decide = () => {
    const findings = reports.flatMap(({ findings: found }) => found).map((finding) => ruled(finding, rules))
    const blind = reports.filter(
      ({ layer, unscored }) => unscored !== undefined && (layer === 'consent' || input.taint.untrustedRead || carriesOut),
    )
    const unknown =
      acts(input.action) && rules.onUnscored !== 'allow' ? blind.map((report) => unscoredFinding(report, rules.onUnscored as Verdict)) : []
    return [...findings, ...unknown].map((finding) =>
      input.approved === true && finding.verdict === 'confirm' ? { ...finding, verdict: 'allow' as const } : finding,
    )
  }
  let findings = decide()
  if (judge !== undefined && strictest(findings.map(({ verdict }) => verdict)) === 'confirm') {
    const before = performance.now()
    const site = input.url === undefined ? undefined : siteOf(input.url)
    const said = await askJudge(
      { task: input.task ?? '', action: input.action, label: input.label, site, classes: consent.classes, taint: input.taint },
      judge,
      input.signal,
    )
    reports.push({ layer: 'judge', findings: [said], ms: performance.now() - before })
    findings = decide()
  }
  const ordered = findings.toSorted((left, right) => verdicts.indexOf(right.verdict) - verdicts.indexOf(left.verdict))
  return {
    verdict: strictest(ordered.map(({ verdict }) => verdict)),
    reasons: [...new Set(ordered.filter(({ verdict }) => verdict !== 'allow').map(({ reason }) => reason))],
    findings: ordered,
    consent,
    reports,
  }
}

function domainFindings({ action, url, expectedUrl, task }: GuardInput, { domains }: GuardRules): readonly Finding[] {
  if (action.type === 'navigate') return checkAddress({ url: action.url, allowed: domains, task, from: url })
  // From a page that is not meant, the way back is open.
  return url === undefined || !acts(action) ? [] : checkPage({ url, allowed: domains, expected: expectedUrl, task })
}

/** Whether the action can change anything at all. */
function acts({ type }: ComputerAction): boolean {
  return ![
    'move',
    'scroll',
    'wait',
    'screenshot',
    'zoom',
    'cursor-position',
    'back',
    'forward',
    'reload',
    'open-browser',
    'finish',
  ].includes(type)
}

function unscoredFinding({ layer, unscored = '' }: LayerReport, verdict: Verdict): Finding {
  return { layer, verdict, code: 'unscored', reason: `it could not be judged: ${unscored}` }
}

function timed(layer: LayerName, check: () => readonly Finding[]): LayerReport {
  const started = performance.now()
  try {
    return { layer, findings: check(), ms: performance.now() - started }
  } catch (error) {
    return failed(layer, error, started)
  }
}

async function seen(name: LayerName, look: PixelLayer, input: GuardInput): ReturnType<PixelLayer> {
  const started = performance.now()
  try {
    return await look(input)
  } catch (error) {
    input.signal?.throwIfAborted()
    return failed(name, error, started)
  }
}

function failed(layer: LayerName, error: unknown, started: number): LayerReport {
  return {
    layer,
    findings: [],
    unscored: `the layer failed (${error instanceof Error ? error.name : 'unknown'})`,
    ms: performance.now() - started,
  }
}
