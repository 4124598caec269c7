import type { RowStore } from '../memory/index.ts'

interface Spent {
  readonly day: string
  readonly usd: number
}

/** What background work of one kind has spent on a UTC day, over all processes. */
export interface DailySpend {
  /** Of so many dollars a day; `undefined` where nothing is left. A budget of nothing is for models that cost nothing. */
  left(usdPerDay: number): Promise<number | undefined>
  add(usd: number): Promise<void>
}

export function createDailySpend(
  rows: RowStore,
  { principal, kind, id, clock }: { principal: string; kind: string; id: string; clock: () => number },
): DailySpend {
  const dayOf = () => new Date(clock()).toISOString().slice(0, 10)
  return {
    async left(usdPerDay) {
      const spent = (await rows.get<Spent>(principal, kind, id))?.value
      const left = usdPerDay - (spent?.day === dayOf() ? spent.usd : 0)
      return left < 0 || (left === 0 && usdPerDay > 0) ? undefined : left
    },
    async add(usd) {
      const day = dayOf()
      await rows.insert(principal, kind, id, { day, usd: 0 } satisfies Spent)
      await rows.update<Spent>(principal, kind, id, (spent) => ({ day, usd: (spent.day === day ? spent.usd : 0) + usd }))
    },
  }
}
