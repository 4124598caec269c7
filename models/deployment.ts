/** US dollars per million tokens. A cache rate that is not known counts as the input rate. */
export interface Price {
  inputPerMillion: number
  outputPerMillion: number
  cacheReadPerMillion?: number
  cacheWritePerMillion?: number
  /** Writes with the one-hour lifetime (Anthropic). */
  cacheWrite1hPerMillion?: number
  /** Rates that apply to the whole request above this many input tokens, ascending. */
  tiers?: { aboveInputTokens: number; price: Omit<Price, 'tiers' | 'source'> }[]
  /** Where the figures come from: `configuration`, `loopback`, or the price package with its version. */
  source: string
}

export type Modality = 'text' | 'image' | 'file'

/** One place that serves a model, with what must be known before a step may go there. */
export interface Deployment {
  /** `provider/model`. */
  readonly id: string
  readonly provider: string
  readonly model: string
  /** Whether it runs on this machine or on a host that the configuration trusts as local. */
  readonly local: boolean
  readonly contextTokens: number
  readonly maxOutputTokens: number
  /** Nobody knows the model: its limits are cautious, and no reason to cut what a client asks for. */
  readonly limitsAreGuessed?: boolean | undefined
  readonly modalities: readonly Modality[]
  readonly toolCalls: boolean
  /** Which published rule resizes and counts its images (`models/images.ts`). */
  readonly imageRule: string
  /** `null`: nobody knows. Such a deployment is not eligible where a budget needs a price. */
  readonly price: Price | null
  /** Where limits and modalities come from, for `status` and `doctor`. */
  readonly source: string
}
