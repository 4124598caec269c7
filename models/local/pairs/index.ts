export { differencesOf, factsOf } from './differences.ts'
export { pairFeatures, pairFeaturesOf } from './pair-features.ts'
export { type PairHead, sameQuestionHead, scorePair } from './pair-head.ts'
export { isVolatile } from './volatile.ts'
