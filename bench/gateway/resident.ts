import { childrenOf, megabytesOf } from '../speed/resident.ts'

export function megabytesWithChildren(pid: number): number {
  return megabytesOf(pid) + childrenOf(pid).reduce((sum, child) => sum + megabytesWithChildren(child), 0)
}
