import { median } from '../speed/figure.ts'

/** One line of the table: what each way reached, round by round. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly better: 'less' | 'more'
  readonly rounds: ReadonlyMap<string, Rounds>
  readonly target?: Target | undefined
}

export interface Rounds {
  readonly values: readonly number[]
  /** With one of them, there is no figure. */
  readonly errors: readonly string[]
}

export interface Target {
  readonly atMost?: number
  /** Against the best of the peers that route: 1.5 is half as much again, 1 is as good. */
  readonly timesBest?: number
}

const own = 'signalbox'
/** What is no gateway: the upstream itself, and a proxy that does not look at what it passes on. */
const floors = ['direct', 'nginx']

export interface Verdict {
  readonly holds: boolean
  readonly words: string
}

export function verdictOf({ rounds, target, better, unit }: Row): Verdict | undefined {
  const measured = figureOf(rounds.get(own))
  if (target === undefined || measured === undefined) return undefined
  const peers = [...rounds].flatMap(([name, round]) => (name === own || floors.includes(name) ? [] : (figureOf(round) ?? [])))
  const best = peers.length === 0 ? undefined : better === 'more' ? Math.max(...peers) : Math.min(...peers)
  if (target.atMost === undefined && best === undefined) return undefined
  const misses: string[] = []
  if (target.atMost !== undefined && measured > target.atMost) misses.push(`${shown(measured - target.atMost)} ${unit} too much`)
  if (target.timesBest !== undefined && best !== undefined) {
    const times = better === 'more' ? measured / best : best / measured
    if (best > 0 && times < target.timesBest) misses.push(`${times.toFixed(2)} times the best peer`)
  }
  return { holds: misses.length === 0, words: misses.length === 0 ? 'holds' : `misses: ${misses.join(', ')}` }
}

function figureOf(rounds: Rounds | undefined): number | undefined {
  return rounds === undefined || rounds.errors.length > 0 || rounds.values.length === 0 ? undefined : median(rounds.values)
}

export function tableOf(rows: readonly Row[], ways: readonly string[]): string {
  const head = ['what', 'goal', ...ways, 'verdict']
  const lines = rows.map((row) => [row.what, goalOf(row), ...ways.map((way) => cell(row.rounds.get(way))), verdictOf(row)?.words ?? ''])
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const errors = rows.flatMap(({ what, rounds }) =>
    [...rounds].flatMap(([way, round]) =>
      round.errors.length === 0 ? [] : [`- ${what}, ${way}: ${round.errors.length} answers were wrong, the first: ${round.errors[0]}`],
    ),
  )
  return [
    line(head),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...lines.map(line),
    ...(errors.length > 0 ? ['', ...errors] : []),
  ].join('\n')
}

function goalOf({ target, unit, better }: Row): string {
  const most = target?.atMost === undefined ? [] : [`at most ${shown(target.atMost)} ${unit}`]
  const against =
    target?.timesBest === undefined
      ? []
      : [target.timesBest === 1 ? `no ${better === 'more' ? 'less' : 'more'} than any peer` : `${target.timesBest} x the best peer`]
  return [...most, ...against].join(', ')
}

/** The median, and in brackets the least and the most of the rounds. */
function cell(rounds: Rounds | undefined): string {
  if (rounds === undefined) return ''
  const figure = figureOf(rounds)
  if (figure === undefined) return 'wrong'
  if (rounds.values.length === 1) return shown(figure)
  return `${shown(figure)} (${shown(Math.min(...rounds.values))}-${shown(Math.max(...rounds.values))})`
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits, useGrouping: false })
}
