import { expect, test } from 'vitest'
import { readDocumented } from '../../bench/figures/documented.ts'
import { compare } from '../../bench/figures/outcome.ts'
import { readPrinted } from '../../bench/figures/printed.ts'

const { figures, problems } = readDocumented()

test('docs/figures.yaml says of each figure in the tables of the documents where it is printed, or why it is not', () => {
  expect(problems).toEqual([])
  expect(figures.length).toBeGreaterThan(1000)
})

test('readPrinted() finds rows of tables with bars, of columns that are spaces apart, and of sentences', () => {
  const printed = readPrinted(
    [
      'first half',
      '┌─────────┬─────┬───────────────┐',
      '│ (index) │ usd │ points lost   │',
      '├─────────┼─────┼───────────────┤',
      "│ always  │ 5.7 │ '-.13 +- .77' │",
      '└─────────┴─────┴───────────────┘',
      'second half',
      '| what | ms, p50 | goal |',
      '| --- | --- | --- |',
      '| always | 1,250 | <= 3 |',
      'Needs R@1, 201 tools                 76   .487          >= .5',
      '  found                            .5/.25',
      'flagged of 12 texts of BM25: person 0.008, phone 0.1',
    ].join('\n'),
  )

  const numbersOf = (row: string, under?: string) => printed.row(row, under)?.numbers.map(({ value }) => value)
  expect(numbersOf('always')).toEqual([5.7, -0.13, 0.77])
  expect(printed.row('always')?.cells.get('points lost')).toMatchObject([{ value: -0.13 }, { value: 0.77 }])
  expect(numbersOf('always', 'second half')).toEqual([1250, 3])
  expect(printed.row('always', 'second half')?.cells.get('ms, p50')).toEqual([{ value: 1250, decimals: 0 }])
  expect(numbersOf('Needs R@1, 201 tools')).toEqual([76, 0.487, 0.5])
  expect(numbersOf('found')).toEqual([0.5, 0.25])
  expect(numbersOf('flagged of 12 texts of BM25:')).toEqual([0.008, 0.1])
  expect(printed.row('always', 'third half')).toBeUndefined()
})

test.each([
  { documented: '.643', measured: '.6434', spread: { within: 0 }, outcome: 'reproduced' },
  { documented: '.643', measured: '.6437', spread: { within: 0 }, outcome: 'differs' },
  { documented: '.643', measured: '.644', spread: { within: 0.001 }, outcome: 'reproduced' },
  { documented: '.643', measured: '.641', spread: { within: 0.001 }, outcome: 'differs' },
  { documented: '997', measured: '998', spread: { within: 0.001 }, outcome: 'differs' },
  { documented: '.66', measured: '1.3', spread: { factor: 2 }, outcome: 'reproduced' },
  { documented: '.66', measured: '.2', spread: { factor: 2 }, outcome: 'differs' },
  { documented: '.66', measured: '-', spread: { factor: 2 }, outcome: 'not run' },
])('compare() tells $measured where $documented is documented: $outcome', ({ documented, measured, spread, outcome }) => {
  const [figure] = figures
  const [number] = readPrinted(`x  ${documented}`).row('x')?.numbers ?? []
  if (figure === undefined || number === undefined) throw new Error('Cannot compare: there is no figure')

  const compared = compare(
    { ...figure, documented: number, spread, row: 'shipped', under: undefined, cell: undefined, number: 1 },
    readPrinted(`shipped   ${measured}`),
  )

  expect(compared.outcome).toBe(outcome)
})

test('compare() says why a figure was not run', () => {
  const [figure] = figures

  expect(figure && compare(figure, 'the program ended with 1')).toMatchObject({ outcome: 'not run', why: 'the program ended with 1' })
})
