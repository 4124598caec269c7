export { createImages, type ImagesOptions } from './images/fit.ts'
export { mediaTypeOf } from './images/header.ts'
export type { FitTarget, FittedImage, FittedSize, ImageFacts, ImageRule, Images } from './images/image.ts'
export { imageRule, imageRuleFor, imageRules } from './images/rules.ts'
