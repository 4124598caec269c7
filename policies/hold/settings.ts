import { z } from 'zod'

/** What a policy file says of the hold: `true` for the defaults, `false` for none, or figures of its own. */
const settings = z.strictObject({
  /** What a weaker model must save inside a running loop, beyond its own price: a part of what staying costs. */
  loop_margin: z.number().min(0).max(1).default(0.1),
  /** The same at a turn of the user. */
  turn_margin: z.number().min(0).max(1).default(0.05),
  /** And dollars on top, so that no switch is made for less than a conversation that ends early would lose by it. */
  margin_usd: z.number().min(0).max(10).default(0.01),
  /** Steps for which a model stays that was there when something went wrong. */
  latch_steps: z.int().min(0).max(100).default(2),
  /** The most steps that a conversation is expected to go on. */
  horizon: z.int().min(8).max(30).default(30),
})

export const holdSchema = z
  .union([z.boolean(), settings])
  .default(true)
  .transform((given) => (given === false ? null : settings.parse(given === true ? {} : given)))

/** `null`: each step is decided by itself. */
export type HoldSettings = z.output<typeof settings>
