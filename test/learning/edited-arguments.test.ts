import { expect, test } from 'vitest'
import { areEdited } from '../../src/learning/edited-arguments.ts'

test.each([
  ['a misspelt path', { path: 'reports/finnal.txt' }, { path: 'reports/final.txt' }],
  ['one argument of three', { from: 'A', to: 'B', day: '2026-11-01' }, { from: 'A', to: 'B', day: '2026-11-02' }],
  ['an argument more', { city: 'Bern' }, { city: 'Bern', country: 'CH' }],
])('areEdited() sees a correction in %s', (_, before, after) => {
  expect(areEdited(before, after)).toBe(true)
})

test.each([
  ['the same once more', { path: 'a.txt' }, { path: 'a.txt' }],
  ['the next page', { query: 'ferry', page: 1 }, { query: 'ferry', page: 2 }],
  ['the next cursor', { query: 'ferry', cursor: 'abc' }, { query: 'ferry', cursor: 'abd' }],
  ['another thing altogether', { city: 'Bern' }, { city: 'Genoa' }],
])('areEdited() sees none in %s', (_, before, after) => {
  expect(areEdited(before, after)).toBe(false)
})
