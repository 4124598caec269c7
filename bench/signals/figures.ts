/** A row of a table: name, cells, and what it should reach. */
export function row(name: string, ...cells: readonly string[]): void {
  console.log(`${name.padEnd(52)}${cells.map((cell) => cell.padStart(10)).join('')}`)
}

export function figure(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(3).replace(/^0/, '')
}

export function shareOf<Row>(rows: readonly Row[], isRight: (row: Row) => boolean): number {
  return rows.filter(isRight).length / rows.length
}

/** How often a positive scores above a negative; ties count half. */
export function areaOf(positives: readonly number[], negatives: readonly number[]): number {
  const all = [...positives.map((score) => ({ score, one: 1 })), ...negatives.map((score) => ({ score, one: 0 }))]
  all.sort((a, b) => a.score - b.score)
  let ranks = 0
  for (let start = 0; start < all.length; ) {
    let end = start
    while (end < all.length && all[end]?.score === all[start]?.score) end += 1
    ranks += all.slice(start, end).reduce((sum, { one }) => sum + one, 0) * ((start + end + 1) / 2)
    start = end
  }
  return (ranks - (positives.length * (positives.length + 1)) / 2) / (positives.length * negatives.length)
}
