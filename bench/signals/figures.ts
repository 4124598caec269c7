export { areaOf } from '../../src/evaluation/measures.ts'

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
