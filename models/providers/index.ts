export { createProvider, type ProviderOptions } from './create-provider.ts'
export { type ListedModel, listModels } from './list-models.ts'
