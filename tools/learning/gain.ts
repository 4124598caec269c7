const measuredPlaces = 5

/** nDCG@5 of one right tool. Equal scores keep their order. */
export function gainAt(scores: Float64Array, place: number): number {
  const score = scores[place] as number
  let before = 0
  for (let other = 0; other < scores.length; other += 1) {
    const value = scores[other] as number
    if (value > score || (value === score && other < place)) before += 1
  }
  return before < measuredPlaces ? 1 / Math.log2(before + 2) : 0
}
