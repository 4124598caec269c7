import type { ComputerFormatName } from './format.ts'
import type { CoordinateSpace, Size } from './space.ts'

export interface FormatChoice {
  readonly format: ComputerFormatName
  /** What the same model takes where the first is refused by name: some clouds serve new models with the older tool alone. */
  readonly stepDown?: ComputerFormatName | undefined
}

const newest: FormatChoice = { format: 'anthropic-toolset-20260801', stepDown: 'anthropic-20251124' }

// First match wins.
const byModel: readonly (readonly [RegExp, FormatChoice])[] = [
  // Bedrock's names: it has not taken the toolset yet.
  [/(?:^|[./])anthropic\.claude-(?:opus|sonnet|haiku)-(?:[5-9]|[1-9]\d)(?!\d)/, { format: 'anthropic-20251124' }],
  [/claude-(?:opus|sonnet|haiku)-(?:[5-9]|[1-9]\d)(?!\d)/, newest],
  [/claude-(?:fable|mythos)/, { format: 'anthropic-20251124' }],
  [/claude-opus-4[-.](?:[5-9]|[1-9]\d)(?!\d)|claude-sonnet-4[-.](?:[6-9]|[1-9]\d)(?!\d)/, { format: 'anthropic-20251124' }],
  [/claude-(?:opus|sonnet|haiku)-4|claude-3[-.]7/, { format: 'anthropic-20250124' }],
  [/claude-3[-.]5-sonnet/, { format: 'anthropic-20241022' }],
  [/gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|\d\d)/, { format: 'openai' }],
  [/gemini-(?:2\.5-computer-use|3-(?:flash|pro)|3\.1)/, { format: 'gemini-2.5' }],
  [/gemini-(?:3\.[5-9]|[4-9])/, { format: 'gemini-3.5' }],
  // Google's name ends in the same words.
  [/computer-use-preview/, { format: 'openai-preview' }],
  [/ui-?tars/, { format: 'ui-tars' }],
  [/qwen-?2(?:\.5)?-?vl/, { format: 'qwen-2.5' }],
  [/qwen-?3(?:-?vl|\.\d)/, { format: 'qwen-3' }],
]

/**
 * In which form a model is asked to use a computer, by its name at any provider; `undefined` where nobody knows that it can.
 *
 * `refused` are the forms that its provider has refused by name before: then the one to step down to, or nothing.
 */
export function formatFor(model: string, refused: ReadonlySet<ComputerFormatName> = new Set()): FormatChoice | undefined {
  const name = model.toLowerCase()
  const choice = byModel.find(([pattern]) => pattern.test(name))?.[1]
  if (choice === undefined || !refused.has(choice.format)) return choice
  const { stepDown } = choice
  return stepDown === undefined || refused.has(stepDown) ? undefined : { format: stepDown }
}

/** In which numbers a form says where something is, on a picture that was sent in this size. */
export function spaceOf(format: ComputerFormatName, sent: Size): CoordinateSpace {
  if (format === 'gemini-2.5' || format === 'gemini-3.5' || format === 'qwen-3') return { kind: 'grid', size: 1000 }
  return { kind: 'pixels', width: sent.width, height: sent.height }
}
