import type { Modality } from './deployment.ts'

/** What is known of a family of models without asking anybody. */
export interface ModelFamily {
  readonly contextTokens: number
  readonly maxOutputTokens: number
  readonly modalities: readonly Modality[]
  readonly toolCalls: boolean
}

const text: readonly Modality[] = ['text']
const vision: readonly Modality[] = ['text', 'image']
const documents: readonly Modality[] = ['text', 'image', 'file']

const family = (contextTokens: number, maxOutputTokens: number, modalities: readonly Modality[], toolCalls = true): ModelFamily => ({
  contextTokens,
  maxOutputTokens,
  modalities,
  toolCalls,
})

/**
 * The first match wins, so special names stand above general ones. Figures are the vendors' own model pages and, for
 * open weights, the model cards; where a size or a server can make them smaller, the smaller one stands here.
 */
const families: readonly (readonly [RegExp, ModelFamily])[] = [
  // Anthropic: platform.claude.com/docs, "Models overview".
  [/claude-(?:fable|mythos)/, family(1_000_000, 128_000, documents)],
  [/claude-(?:opus|sonnet)-(?:4[-.][6-9]|[5-9])(?!\d)/, family(1_000_000, 128_000, documents)],
  [/claude-(?:opus|sonnet|haiku)-4[-.]5(?!\d)|claude-haiku-[5-9]/, family(200_000, 64_000, documents)],
  [/claude-opus-4(?:$|[-.@]|-0|-1)/, family(200_000, 32_000, documents)],
  [/claude-sonnet-4|claude-3[-.]7/, family(200_000, 64_000, documents)],
  [/claude-3[-.]5/, family(200_000, 8_192, documents)],
  [/claude-3/, family(200_000, 4_096, vision)],
  [/claude-(?:[12]|v1|instant)/, family(100_000, 4_096, text, false)],
  [/claude/, family(200_000, 64_000, documents)],

  // OpenAI: platform.openai.com/docs/models.
  [/gpt-oss/, family(131_072, 32_768, text)],
  [/gpt-(?:5\.[4-9]|[6-9])(?!.*(?:mini|nano))/, family(1_050_000, 128_000, documents)],
  [/gpt-5\.3$|gpt-5.*-chat/, family(128_000, 16_384, documents)],
  [/gpt-[5-9]/, family(400_000, 128_000, documents)],
  [/gpt-4\.1/, family(1_000_000, 32_768, documents)],
  [/gpt-4o|chatgpt-4o/, family(128_000, 16_384, documents)],
  [/gpt-4\.5|gpt-4-turbo/, family(128_000, 4_096, vision)],
  [/gpt-4/, family(8_192, 4_096, text)],
  [/gpt-3\.5/, family(16_385, 4_096, text)],
  [/(?:^|\/)o1-(?:mini|preview)/, family(128_000, 32_768, text, false)],
  [/(?:^|\/)o3-mini/, family(200_000, 100_000, text)],
  [/(?:^|\/)o[134](?:$|-)/, family(200_000, 100_000, documents)],

  // Open weights and others, mostly behind a local server.
  [/gemini/, family(1_000_000, 65_536, vision)],
  [/qwen-?3.*(?:coder|next|2507)/, family(262_144, 32_768, text)],
  [/qwen-?3.*vl|qwen-?3\.5/, family(131_072, 32_768, vision)],
  [/qwen-?3/, family(32_768, 8_192, text)],
  [/qwen-?2(?:\.5)?-?vl/, family(32_768, 8_192, vision)],
  [/qwen|qwq/, family(32_768, 8_192, text)],
  [/llama-?4/, family(131_072, 8_192, vision)],
  [/llama-?3\.2.*vision/, family(131_072, 8_192, vision, false)],
  [/llama-?3\.[1-9]/, family(131_072, 8_192, text)],
  [/llama-?3/, family(8_192, 2_048, text, false)],
  [/pixtral|mistral-(?:small-3\.[1-9]|medium|large-3)|magistral/, family(131_072, 16_384, vision)],
  [/mi[sx]tral|codestral|devstral|ministral/, family(32_768, 8_192, text)],
  [/gemma-?3n|gemma-?3.*:?(?:270m|1b)/, family(32_768, 8_192, text, false)],
  [/gemma-?[3-9]/, family(131_072, 8_192, vision, false)],
  [/gemma/, family(8_192, 2_048, text, false)],
  [/deepseek.*(?:r1|reasoner)/, family(65_536, 8_192, text, false)],
  [/deepseek/, family(131_072, 8_192, text)],
  [/kimi/, family(131_072, 16_384, text)],
  [/glm-?4\.\dv/, family(65_536, 16_384, vision)],
  [/glm-?[45]/, family(131_072, 16_384, text)],
  [/grok-[4-9]/, family(131_072, 16_384, vision)],
  [/grok/, family(131_072, 8_192, text)],
  [/phi-?4/, family(16_384, 4_096, text, false)],
  [/llava|minicpm-?v|moondream|internvl/, family(4_096, 1_024, vision, false)],
]

/** Small enough that most servers hold it, and no claim that a test has not made. */
export const unknownFamily: ModelFamily = family(32_768, 4_096, text)

/** What is known of a model by its name at any provider; `undefined` when nothing is. */
export function familyOf(model: string): ModelFamily | undefined {
  const name = model.toLowerCase()
  return families.find(([pattern]) => pattern.test(name))?.[1]
}
