// Of a normal distribution, 95 % lie within.
const z = 1.96

/** Between which shares the true one lies, given how often something went well of how many times; weights need not be whole. */
export function wilsonBounds(well: number, total: number): { lower: number; upper: number } {
  if (total <= 0) return { lower: 0, upper: 1 }
  const share = well / total
  const middle = share + (z * z) / (2 * total)
  const reach = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))
  const scale = 1 + (z * z) / total
  // Rounding may put a bound on the other side of a share of none or of all.
  const lower = Math.max(0, Math.min(share, (middle - reach) / scale))
  return { lower, upper: Math.min(1, Math.max(share, (middle + reach) / scale)) }
}
