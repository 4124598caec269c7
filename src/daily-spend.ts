import type { RowStore } from '../memory/index.ts'

interface Spent {
  readonly day: string
  readonly usd: number
}

/** What background work of one kind has spent on a UTC day, over all processes. */
export interface DailySpend {
  today(): Promise<number>
  add(usd: number): Promise<void>
}

export function createDailySpend(
  rows: RowStore,
  { principal, kind, id, clock }: { principal: string; kind: string; id: string; clock: () => number },
): DailySpend {
  const dayOf = () => new Date(clock()).toISOString().slice(0, 10)
  return {
    async today() {
      const spent = (await rows.get<Spent>(principal, kind, id))?.value
      return spent?.day === dayOf() ? spent.usd : 0
    },
    async add(usd) {
      const day = dayOf()
      await rows.insert(principal, kind, id, { day, usd: 0 } satisfies Spent)
      await rows.update<Spent>(principal, kind, id, (spent) => ({ day, usd: (spent.day === day ? spent.usd : 0) + usd }))
    },
  }
}
