export { createMiniLM, type MiniLMEmbedder, type MiniLMOptions } from './minilm.ts'
export { identifiersToWords } from './wordpiece.ts'
