export { createProvider, type ProviderOptions } from './create-provider.ts'
