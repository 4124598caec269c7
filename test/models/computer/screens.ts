import type { ComputerFormatName, Screen } from '../../../models/computer/format.ts'
import { spaceOf } from '../../../models/computer/format-for.ts'
import { imageRule } from '../../../models/images/rules.ts'

/** Which limits of pictures a form's models have. */
const ruleOf: Readonly<Record<ComputerFormatName, string>> = {
  'anthropic-20241022': 'anthropic-standard',
  'anthropic-20250124': 'anthropic-standard',
  'anthropic-20251124': 'anthropic-high',
  'anthropic-toolset-20260801': 'anthropic-high',
  'openai-preview': 'openai-tile-computer',
  openai: 'openai-high',
  'gemini-2.5': 'gemini-tile',
  'gemini-3.5': 'gemini-3',
  'ui-tars': 'qwen-2.5',
  'qwen-2.5': 'qwen-2.5',
  'qwen-3': 'qwen-3',
}

/** A picture of this size as a model of this form gets it. */
export function screenOf(format: ComputerFormatName, width: number, height: number): Screen {
  const space = spaceOf(format, imageRule(ruleOf[format]).fit(width, height))
  return { source: { width, height }, space, environment: 'browser' }
}
