/** From the mildest to the strictest: of several findings the strictest decides. */
export const verdicts = ['allow', 'confirm', 'reobserve', 'deny'] as const
export type Verdict = (typeof verdicts)[number]

export type LayerName =
  | 'action'
  | 'consent'
  | 'domain'
  | 'taint'
  | 'freshness'
  | 'target'
  | 'picture'
  | 'screen'
  | 'secrets'
  | 'loop'
  | 'judge'
  | 'vendor'
  | 'commitment'

/** What one layer says of one action. Nothing a layer says can make another layer's verdict milder. */
export interface Finding {
  readonly layer: LayerName
  /** What this finding asks for by itself under the default policy. */
  readonly verdict: Verdict
  /** Stable, for policies and for people who search: `label-mismatch`, `overlay`, `purchase`, `foreign-domain`. */
  readonly code: string
  /** One sentence that a person understands, with no secret in it. */
  readonly reason: string
  /** 0 to 1 where the layer scores. */
  readonly score?: number | undefined
}

/** A layer that could not look says so; unscored is never clean. */
export interface LayerReport {
  readonly layer: LayerName
  readonly findings: readonly Finding[]
  /** Why it did not look, or not at everything. */
  readonly unscored?: string | undefined
  readonly ms: number
}

export function strictest(all: readonly Verdict[]): Verdict {
  return all.reduce((worst, one) => (verdicts.indexOf(one) > verdicts.indexOf(worst) ? one : worst), 'allow' as Verdict)
}
