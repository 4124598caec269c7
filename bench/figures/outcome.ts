import type { Figure } from './documented.ts'
import type { Printed } from './printed.ts'

/** What came of a figure. */
export interface Compared extends Figure {
  readonly outcome: 'reproduced' | 'differs' | 'not run'
  readonly measured?: number | undefined
  readonly why?: string | undefined
}

/** @param printed What the command of the figure has printed, or why it did not. */
export function compare(figure: Figure, printed: Printed | string): Compared {
  if (typeof printed === 'string') return { ...figure, outcome: 'not run', why: printed }
  const { row, under, cell, number } = figure
  const found = printed.row(row, under)
  const measured = (cell === undefined ? found?.numbers : found?.cells.get(cell))?.[number - 1]?.value
  if (measured === undefined) {
    const where = `${cell === undefined ? '' : ` of "${cell}"`} in a row "${row}"${under === undefined ? '' : ` below "${under}"`}`
    return { ...figure, outcome: 'not run', why: `number ${number}${where} was not printed` }
  }
  return { ...figure, measured, outcome: isWithin(figure, measured) ? 'reproduced' : 'differs' }
}

function isWithin({ documented: { value, decimals }, spread }: Figure, measured: number): boolean {
  // What is documented was rounded; the last is for what floating point makes of both.
  const rounding = 0.5 * 10 ** -decimals + 1e-9
  if ('factor' in spread) return measured <= (value + rounding) * spread.factor && measured >= (value - rounding) / spread.factor
  const isWhole = decimals === 0 && Number.isInteger(measured)
  return Math.abs(measured - value) <= (isWhole && spread.within < 1 ? 0 : rounding + spread.within)
}
