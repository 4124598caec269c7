import type { ReasoningRequest } from '../provider.ts'

/** Reasoning models answer a temperature, `top_p` and `stop` with a 400 ("Unsupported parameter"). */
export function takesTemperature(model: string): boolean {
  return !/(?:^|\/)(?:gpt-[5-9]|o\d)/.test(model)
}

/** Models that never reason answer the wish for their encrypted reasoning with a 400 ("Encrypted content is not supported with this model"). */
export function mayReason(model: string): boolean {
  return !/gpt-[34]|chatgpt|gpt-5.*-chat/.test(model)
}

/** The first reasoning models make one call at a time, and refuse to be told so. */
export function takesParallelToolCalls(model: string): boolean {
  return !/(?:^|\/)o\d/.test(model)
}

type Effort = NonNullable<ReasoningRequest['effort']>

/** What a family takes, from little to much. The first match wins. Sources: the vendors' pages on reasoning. */
const efforts: readonly (readonly [RegExp, readonly Effort[]])[] = [
  [/gpt-5-pro/, ['high']],
  [/gpt-5\.[2-9].*-pro|gpt-[6-9].*-pro/, ['medium', 'high', 'xhigh']],
  [/gpt-5.*-chat/, []],
  [/gpt-5\.1-codex-max/, ['none', 'low', 'medium', 'high', 'xhigh']],
  [/gpt-5(?:\.1)?-codex/, ['low', 'medium', 'high']],
  [/gpt-5\.1/, ['none', 'low', 'medium', 'high']],
  [/gpt-5\.[2-9]|gpt-[6-9]/, ['none', 'low', 'medium', 'high', 'xhigh']],
  [/gpt-5/, ['minimal', 'low', 'medium', 'high']],
  [/(?:^|\/)o1-(?:mini|preview)/, []],
  [/(?:^|\/)o\d|gpt-oss/, ['low', 'medium', 'high']],
  [/gemini-(?:2\.5|[3-9])/, ['low', 'medium', 'high']],
]

const order: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']

/**
 * The effort that a model takes and that is nearest to the one asked for, the smaller of two; `undefined` where it takes
 * none. A budget in tokens, which other formats have, stands for an effort.
 */
export function effortOf(model: string, reasoning: ReasoningRequest | undefined): Effort | undefined {
  const asked = reasoning?.effort ?? effortOfBudget(reasoning?.budgetTokens)
  return asked === undefined ? undefined : nearest(asked, effortsOf(model) ?? [])
}

/** The same for an effort that a client wrote in the vendor's own words: what is not known, of words or of models, stays. */
export function effortFor(model: string, written: unknown): unknown {
  const taken = effortsOf(model) ?? (mayReason(model) ? undefined : [])
  const asked = order.find((effort) => effort === written)
  return taken === undefined || (asked === undefined && taken.length > 0) ? written : asked && nearest(asked, taken)
}

function effortsOf(model: string): readonly Effort[] | undefined {
  return efforts.find(([pattern]) => pattern.test(model))?.[1]
}

function nearest(asked: Effort, taken: readonly Effort[]): Effort | undefined {
  const distance = (effort: Effort) => Math.abs(order.indexOf(effort) - order.indexOf(asked))
  return taken.toSorted((left, right) => distance(left) - distance(right))[0]
}

function effortOfBudget(tokens: number | undefined): Effort | undefined {
  if (tokens === undefined) return undefined
  return tokens < 4_096 ? 'low' : tokens < 16_384 ? 'medium' : 'high'
}

/** Whether a model refuses a tool loop without what it thought before its calls, which clients of Chat Completions do not give back. */
export function wantsThoughtBack(model: string): boolean {
  return /deepseek|gemini|kimi|mimo|minimax/i.test(model)
}
