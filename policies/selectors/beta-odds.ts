/** What is believed of a share: a Beta distribution, moved by what counts against its bearer beside. */
export interface Belief {
  readonly alpha: number
  readonly beta: number
  readonly shift: number
}

const cells = 400
const least = -1

/**
 * How likely each of these shares, moved by its shift, is to be the greatest: the odds of a Thompson draw, without drawing.
 *
 * By sums over cells of 1/200 from -1 to 1, so that they add up to 1 and the same beliefs give the same odds.
 */
export function oddsOfBest(beliefs: readonly Belief[]): number[] {
  const masses = beliefs.map(massesOf)
  const below = masses.map(sumsBelow)
  const odds = new Float64Array(beliefs.length)
  const after = new Float64Array(beliefs.length + 1)
  for (let cell = 0; cell < cells; cell += 1) {
    after[beliefs.length] = 1
    for (let one = beliefs.length - 1; one > 0; one -= 1) after[one] = at(after, one + 1) * at(below[one], cell)
    let before = 1
    for (let one = 0; one < beliefs.length; one += 1) {
      odds[one] = at(odds, one) + at(masses[one], cell) * before * at(after, one + 1)
      before *= at(below[one], cell)
    }
  }
  const total = odds.reduce((sum, one) => sum + one, 0)
  return [...odds].map((one) => one / total)
}

/** How much of the distribution lies in each cell. */
function massesOf({ alpha, beta, shift }: Belief): Float64Array {
  const masses = new Float64Array(cells)
  let highest = Number.NEGATIVE_INFINITY
  for (let cell = 0; cell < cells; cell += 1) {
    const share = least + ((cell + 0.5) * 2) / cells - shift
    const inside = share > 0 && share < 1
    masses[cell] = inside ? (alpha - 1) * Math.log(share) + (beta - 1) * Math.log1p(-share) : Number.NEGATIVE_INFINITY
    highest = Math.max(highest, at(masses, cell))
  }
  let total = 0
  for (let cell = 0; cell < cells; cell += 1) {
    masses[cell] = Math.exp(at(masses, cell) - highest)
    total += at(masses, cell)
  }
  return masses.map((one) => one / total)
}

/** Half of a cell counts as below: two shares in one cell are equal. */
function sumsBelow(masses: Float64Array): Float64Array {
  let sum = 0
  return masses.map((one) => {
    sum += one
    return sum - one / 2
  })
}

function at(values: Float64Array | undefined, index: number): number {
  return values?.[index] ?? 0
}
