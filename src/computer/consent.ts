import type { ComputerAction } from '../../models/computer/action.ts'
import { foldReading } from '../../models/local/detect/index.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { bindingOf } from '../../tools/computer/guard/binding.ts'
import { judgeFreshness } from '../../tools/computer/guard/freshness.ts'
import type { Verdict } from '../../tools/computer/guard/verdict.ts'
import { sha256 } from '../../tools/definitions.ts'
import type { Approval, Approvals } from '../runs/approvals.ts'
import { canElicit, confirmationRequest, saysYes } from '../runs/confirmation.ts'
import type { Effect, RunScope } from '../runs/run.ts'
import type { Judged } from './judged.ts'
import type { Seen } from './screens.ts'

export interface ConsentServices {
  readonly frames: Frames
  readonly approvals: Approvals
}

/** What a person has to agree to: one action, or all of a batch together. */
export interface ToConfirm {
  readonly parts: readonly { readonly action: ComputerAction; readonly judged: Judged }[]
  readonly seen: Seen
  readonly url: string | undefined
  /** Under which name the person sees it, and by which it is told from others. */
  readonly tool: string
}

/** What has become of it: a yes counts once; `asked` waits for a person. */
export type Consented =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'stale'; readonly why: string }
  | { readonly kind: 'asked'; readonly approval: string; readonly expiresAt: number; readonly why?: string | undefined }

/** What is told of an action that has to be confirmed, once it is known what has become of the question. */
export interface Settled {
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  readonly approval?: string | undefined
  readonly expiresAt?: number | undefined
}

export function settled(consented: Consented, reasons: readonly string[]): Settled {
  switch (consented.kind) {
    case 'accepted':
      return { verdict: 'allow', reasons: ['a person has accepted exactly this', ...reasons] }
    case 'denied':
      return { verdict: 'deny', reasons: ['a person has said no', ...reasons] }
    case 'stale':
      return { verdict: 'reobserve', reasons: [`the approval is void: ${consented.why}`, ...reasons] }
    case 'asked': {
      const { approval, expiresAt, why } = consented
      return { verdict: 'confirm', reasons: [...(why === undefined ? [] : [why]), ...reasons], approval, expiresAt }
    }
  }
}

/**
 * Asks a person, or takes the yes that came along: it is for this action with its values, on this target, at this site, and on a
 * screen that has not changed since.
 */
export async function consentTo(
  services: ConsentServices,
  asked: ToConfirm,
  approval: string | undefined,
  scope: Pick<RunScope, 'caller' | 'handle' | 'ask'>,
): Promise<Consented> {
  const { approvals, frames } = services
  const { principal } = scope.caller
  const effect = effectOf(asked)
  const renew = async (why?: string): Promise<Consented> => {
    const { id, expiresAt } = await approvals.create({ ...effect, principal, handle: scope.handle })
    return { kind: 'asked', approval: id, expiresAt, why }
  }
  if (approval === undefined) return renew()
  const known = await approvals.get(principal, approval)
  const decidedOn = known?.frame === undefined ? undefined : await frames.open(principal, known.frame)
  const { newest } = asked.seen
  for (const { judged } of asked.parts) {
    if (decidedOn === undefined) break
    const [stale] = (await judgeFreshness({ decidedOn, newest, point: judged.point, target: judged.box })).findings
    if (stale !== undefined) return { kind: 'stale', why: stale.reason }
  }
  if (known?.status === 'pending' && canElicit(scope.caller)) {
    const answers = await scope.ask({ confirmation: confirmationRequest(known) })
    await approvals.decide(principal, known.id, saysYes(answers['confirmation']) ? 'accepted' : 'denied', 'elicitation')
  }
  const fate = await approvals.redeem(principal, approval, effect)
  if (fate === 'accepted' || fate === 'denied') return { kind: fate }
  if (fate === 'pending') return { kind: 'asked', approval, expiresAt: known?.expiresAt ?? 0, why: 'nobody has decided yet' }
  return renew(fate === 'expired' ? 'the approval has expired' : 'the approval is not for this action on this target, or was used')
}

/** What a person was asked of exactly this before, decided or not, as long as it counts. */
export async function askedBefore({ approvals }: ConsentServices, asked: ToConfirm, principal: string): Promise<Approval | undefined> {
  return approvals.find(principal, effectOf(asked))
}

function effectOf({ parts, seen, url, tool }: ToConfirm): Effect {
  const at = url ?? seen.newest.url
  const origin = at !== undefined && URL.canParse(at) ? new URL(at).origin : undefined
  const bound = parts.map(({ action, judged }) => bindingOf({ action, label: foldReading(judged.label ?? ''), origin }))
  const said = parts.map(({ action, judged: { label } }) => `${JSON.stringify(action)}${label === undefined ? '' : ` on "${label}"`}`)
  const why = [...new Set(parts.flatMap(({ judged }) => judged.reasons))].join('; ')
  return {
    tool,
    argumentsHash: sha256(bound.join('\n')),
    effect: `Let the agent do exactly ${said.join(', then ')}${origin === undefined ? '' : ` at ${origin}`}. Asked because ${why}`,
    frame: seen.newest.id,
  }
}
