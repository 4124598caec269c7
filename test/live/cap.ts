/** What one call may cost at most, taken from the cap until it is known what it did cost. */
export interface CapHold {
  settle(usd: number): void
}

export interface Cap {
  readonly maxUsd: number
  readonly spentUsd: number
  /** `undefined` when the worst case has no room beside what was spent and is reserved. */
  reserve(worstCaseUsd: number): CapHold | undefined
}

/** A limit that holds before the money is spent. */
export function createCap(maxUsd: number): Cap {
  let spent = 0
  let reserved = 0
  return {
    maxUsd,
    get spentUsd() {
      return spent
    },
    reserve(worstCaseUsd) {
      if (spent + reserved + worstCaseUsd > maxUsd) return undefined
      reserved += worstCaseUsd
      let isOpen = true
      return {
        settle(usd) {
          if (!isOpen) return
          isOpen = false
          reserved -= worstCaseUsd
          spent += usd
        },
      }
    },
  }
}
