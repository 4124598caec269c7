import { expect, test } from 'vitest'
import { claimsOf } from '../../models/local/grounding/claims.ts'
import { evidenceOf } from '../../models/local/grounding/evidence.ts'
import { exactIn } from '../../models/local/grounding/exact.ts'

test.each([
  ['at 4:30 PM', 'at 16:30:00'],
  ['on May 27, 2024', '2024-05-27T00:00:00Z'],
  ['1,562.50 euros', '1562.5 EUR'],
  ['twenty-five people', '25 people'],
  ['48.2 million', '48200000'],
])('exactIn() reads %s as %s', (one, other) => {
  expect([...exactIn(one).quantities]).toEqual([...exactIn(other).quantities].filter((key) => exactIn(one).quantities.has(key)))
  expect(exactIn(one).quantities.size).toBeGreaterThan(0)
})

test('exactIn() tells names, codes, counts and units apart', () => {
  const { names, codes, counts, units } = exactIn(
    'On Monday Ann Okafor shipped HAT084 with three parcels of 25 kg to max_retries at a.b@c.example.',
  )

  expect([...names]).toEqual(['ann', 'okafor'])
  expect([...codes]).toEqual(['a.b@c.example', 'hat084', 'max_retries'])
  expect([...counts]).toEqual(['3'])
  expect([...(units.get('25') ?? [])]).toEqual(['kg'])
})

test('claimsOf() leaves out questions, offers, headings and code, and gives each place', () => {
  const answer =
    'Sure, happy to help!\n\n## Result:\n- The train\n  leaves at 9.\n- It costs 12 euros.\n\n```\nreturn 1 for all\n```\nWould you like a ticket?'

  expect(claimsOf(answer).map(({ start, end }) => answer.slice(start, end))).toEqual([
    '- The train\n  leaves at 9.',
    '- It costs 12 euros.',
  ])
})

test('evidenceOf() puts each record of JSON into one piece', () => {
  const { pieces } = evidenceOf([{ text: '{"flights":[{"no":"LX1","price":{"eur":9}},{"no":"BA2","seats":3}]}' }])

  expect(pieces.map(({ text }) => text)).toEqual(['flights: no LX1; price: eur 9', 'flights: no BA2; seats 3'])
})
