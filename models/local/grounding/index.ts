export { ground } from './ground.ts'
export { groundingHead } from './head.ts'
