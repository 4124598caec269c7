import { z } from 'zod'

/** Names with their lower bounds. */
export const bandsSchema = z.record(z.string().min(1).max(60), z.number()).refine((bands) => Object.keys(bands).length >= 1, {
  error: 'name at least one band',
})

export type Bands = z.output<typeof bandsSchema>

/** The band with the highest lower bound that the number reaches; empty below all. */
export function bandOf(number: number, bands: Bands): string {
  let best: string | undefined
  for (const [name, from] of Object.entries(bands)) {
    if (number >= from && (best === undefined || from > (bands[best] ?? 0))) best = name
  }
  return best ?? ''
}
