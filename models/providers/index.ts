export { createProvider, type ProviderOptions } from './create-provider.ts'
export { createOwnProvider, type OwnProviderEvent, type OwnProviderFinish, type ProviderDefinition } from './own.ts'
