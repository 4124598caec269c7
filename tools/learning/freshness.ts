// What was done together half a year ago says little of how people work today.
const halfLifeMs = 30 * 86_400_000

/** How much an outcome still says beside the newest one, 0–1: half after a month. The newest is the measure, so that no clock is read. */
export function freshnessOf(at: number, newest: number): number {
  return 0.5 ** (Math.max(0, newest - at) / halfLifeMs)
}
