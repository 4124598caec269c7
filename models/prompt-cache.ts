import type { Deployment } from './deployment.ts'
import type { Usage } from './outcome.ts'

/**
 * What is expected of a provider's prompt cache: of each deployment the beginning of one conversation that was sent there last,
 * and until when it is warm. Nobody can look into the real one, so this says what its published rules promise at least.
 */
export interface CacheRule {
  /** Milliseconds without use after which nothing is warm. Each use begins them anew. */
  readonly ttlMs: number
  /** Shorter prompts are not kept. */
  readonly minTokens: number
}

const minutes = 60_000
const rule = (ttlMs: number, minTokens: number): CacheRule => ({ ttlMs, minTokens })

/**
 * The first match wins. Figures are the vendors' own pages; where one gives a range ("5 to 10 minutes") the lower end stands
 * here, and the lifetime is that of a plain request: nobody asks for an hour.
 */
const rules: readonly (readonly [RegExp, CacheRule])[] = [
  // Anthropic: platform.claude.com/docs, "Prompt caching".
  [/claude-opus-[5-9]/, rule(5 * minutes, 512)],
  [/claude-opus-4[-.][5-9]|claude-haiku-(?:4[-.]5|[5-9])/, rule(5 * minutes, 4096)],
  [/claude-.*haiku/, rule(5 * minutes, 2048)],
  [/claude/, rule(5 * minutes, 1024)],
  // OpenAI: platform.openai.com/docs, "Prompt caching"; Gemini: ai.google.dev, "Context caching"; DeepSeek: api-docs.deepseek.com.
  [/gpt-(?:4o|4\.[15]|[5-9])|(?:^|\/)o[134](?:$|-)/, rule(5 * minutes, 1024)],
  [/gemini/, rule(5 * minutes, 1024)],
  [/deepseek/, rule(60 * minutes, 64)],
]

/** A local server keeps the last prompts in its own memory; how long depends on who else asks. */
const localRule = rule(5 * minutes, 16)

/** `undefined`: nothing is known, and so nothing is expected to be warm. */
export function cacheRuleOf({ provider, model, local }: Pick<Deployment, 'provider' | 'model' | 'local'>): CacheRule | undefined {
  // Sentences are taken from the text anew each time.
  if (provider === 'extractive') return undefined
  const name = model.toLowerCase()
  return local ? localRule : rules.find(([pattern]) => pattern.test(name))?.[1]
}

/** How much of a conversation's beginning a deployment has seen, and when last (epoch ms). */
export interface SeenPrefix {
  readonly tokens: number
  readonly at: number
}

/** By deployment, `provider/model`. Caches are per model: none knows what another one was sent. */
export type SeenPrefixes = Readonly<Record<string, SeenPrefix>>

/** Tokens of a prompt that the deployment is expected to read from its cache now. */
export function warmTokens(cache: CacheRule | undefined, seen: SeenPrefix | undefined, promptTokens: number, now: number): number {
  if (cache === undefined || seen === undefined || now - seen.at > cache.ttlMs) return 0
  const shared = Math.min(seen.tokens, promptTokens)
  return shared >= cache.minTokens ? shared : 0
}

/** What a prompt is billed as when so much of it is warm: what is not read is written, unless it is too short to be kept. */
export function expectUsage(cache: CacheRule | undefined, promptTokens: number, warm: number, outputTokens: number): Usage {
  const rest = promptTokens - warm
  const isKept = cache !== undefined && promptTokens >= cache.minTokens
  return { inputTokens: isKept ? 0 : rest, cacheReadTokens: warm, cacheWriteTokens: isKept ? rest : 0, outputTokens }
}

/** After a prompt was sent to a deployment: its own beginning is renewed, the others' stay as they were. */
export function withPrompt(seen: SeenPrefixes, deployment: string, promptTokens: number, now: number): SeenPrefixes {
  return { ...seen, [deployment]: { tokens: promptTokens, at: now } }
}

/** The conversation was rewritten behind its first tokens (summed up, cut): no more than those still begins the next prompt. */
export function cutTo(seen: SeenPrefixes, tokens: number): SeenPrefixes {
  return Object.fromEntries(Object.entries(seen).map(([id, prefix]) => [id, { ...prefix, tokens: Math.min(prefix.tokens, tokens) }]))
}
