import { wilsonBounds } from '../../../models/wilson.ts'

/** `3 of 40 steps (7.5 %, 2.6 to 19.9)`: a share with its Wilson interval of 95 %. */
export function shareInWords(count: number, all: number): string {
  const { lower, upper } = wilsonBounds(count, all)
  const percent = (value: number) => (100 * value).toFixed(1)
  return `${count} of ${all} steps (${percent(count / all)} %, ${percent(lower)} to ${percent(upper)})`
}
