import type { ProviderDefinition } from '../../models/providers/index.ts'

export { ProviderError, type ProviderErrorKind } from '../../models/errors.ts'
export type { Message, Part, ToolDefinition } from '../../models/message.ts'
export type { FinishReason, Usage } from '../../models/outcome.ts'
export type { ModelRequest, SendOptions } from '../../models/provider.ts'
export type { OwnProviderEvent, OwnProviderFinish, ProviderDefinition } from '../../models/providers/index.ts'

/** Types a provider in a file of its own; `providers` of `createSignalbox` takes it. */
export function defineProvider(provider: ProviderDefinition): ProviderDefinition {
  return provider
}
