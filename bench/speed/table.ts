import type { Figure } from './figure.ts'

/** The figures as a table: what may be at most, what was measured, beside what, and whether it holds. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ['what', 'at most', 'measured', 'of rounds', 'floor', 'ratio', 'verdict']
  const rows = figures.map((figure) => [
    figure.what,
    figure.atMost === undefined ? '' : `${shown(figure.atMost)} ${figure.unit}`,
    `${shown(figure.measured)} ${figure.unit}`,
    figure.spread === undefined ? '' : `${shown(figure.spread[0])} to ${shown(figure.spread[1])}`,
    figure.floor === undefined ? '' : `${shown(figure.floor.measured)} (${figure.floor.what})`,
    figure.floor === undefined || figure.floor.measured === 0 ? '' : (figure.measured / figure.floor.measured).toFixed(1),
    verdictOf(figure),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const notes = figures.flatMap(({ what, note }) => (note === undefined ? [] : [`- ${what}: ${note}`]))
  return [line(head), rule, ...rows.map(line), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')
}

export function verdictOf({ atMost, measured, unit }: Figure): string {
  if (atMost === undefined) return ''
  return measured <= atMost ? 'holds' : `misses by ${shown(measured - atMost)} ${unit}`
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
