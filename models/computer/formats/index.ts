import type { ComputerFormat, ComputerFormatName } from '../format.ts'
import { anthropic20241022, anthropic20250124, anthropic20251124, anthropicToolset } from './anthropic.ts'
import { gemini25, gemini35 } from './gemini.ts'
import { openAi, openAiPreview } from './openai.ts'
import { qwen3, qwen25 } from './qwen.ts'
import { uiTars } from './ui-tars.ts'

/** Every vendor's form, by its name. */
export const computerFormats: Readonly<Record<ComputerFormatName, ComputerFormat>> = {
  'anthropic-20241022': anthropic20241022,
  'anthropic-20250124': anthropic20250124,
  'anthropic-20251124': anthropic20251124,
  'anthropic-toolset-20260801': anthropicToolset,
  'openai-preview': openAiPreview,
  openai: openAi,
  'gemini-2.5': gemini25,
  'gemini-3.5': gemini35,
  'ui-tars': uiTars,
  'qwen-2.5': qwen25,
  'qwen-3': qwen3,
}
