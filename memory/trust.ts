import type { Trust } from './store.ts'

const tiers: readonly Trust[] = ['hostile', 'external', 'known', 'owner', 'system']

export function lowerTrust(left: Trust, right: Trust): Trust {
  return tiers.indexOf(left) < tiers.indexOf(right) ? left : right
}

export function isAtLeast(one: Trust, other: Trust): boolean {
  return tiers.indexOf(one) >= tiers.indexOf(other)
}
