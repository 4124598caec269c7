export { ground } from './ground.ts'
