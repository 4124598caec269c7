import { z } from 'zod'
import { bandOf, bandsSchema } from './bands.ts'
import { defineSignal } from './signal.ts'

/** The share of the day's budget that is spent, above 1 when it is overdrawn; with `bands`, its band. Not scored without a budget. */
export const budget = defineSignal({
  value: 'number; text',
  is: 'the share of `budget.usd_per_day` that is spent today, or its band; not scored without such a budget',
  options: {
    bands: 'names with the lower bound of each',
  },
  schema: z.strictObject({ kind: z.literal('budget'), bands: bandsSchema.optional() }),
  create: (name, { bands }) => ({
    name,
    cost: 'read',
    type: bands === undefined ? 'double' : 'string',
    values: bands && ['', ...Object.keys(bands)],
    read(_step, { live }) {
      const { usdPerDay, spentTodayUsd } = live.budget
      if (usdPerDay === undefined || spentTodayUsd === undefined) throw new Error('no budget a day is configured')
      // A budget of nothing is spent from the start.
      const share = usdPerDay > 0 ? spentTodayUsd / usdPerDay : 1
      return { value: bands === undefined ? share : bandOf(share, bands), confidence: 1 }
    },
  }),
})
