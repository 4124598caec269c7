import { expect, test } from 'vitest'
import { alignmentFeatures, alignWords } from '../../../models/local/word-alignment.ts'

/** Words that stand for numbers on a circle: two at one place say the same. */
const read = (places: Readonly<Record<string, number>>) => ({
  words: Object.keys(places),
  vectors: Object.values(places).map((angle) => Float32Array.of(Math.cos(angle), Math.sin(angle))),
})
const named = (...texts: Parameters<typeof alignWords>) =>
  Object.fromEntries(alignWords(...texts).map((value, at) => [alignmentFeatures[at], Math.round(value * 1000) / 1000]))

test('alignWords() finds a word that nothing comes near, whatever the other words say', () => {
  const source = read({ the: 0, ferry: 0.2, leaves: 0.5, harwich: 1 })

  const same = named(read({ the: 0, boat: 0.2, departs: 0.5, harwich: 1 }), source)
  const changed = named(read({ the: 0, boat: 0.2, departs: 0.5, piano: 3 }), source)

  expect(same).toMatchObject({ aligned_worst: 1, aligned_new_worst: 1, aligned_same: 1 })
  expect(changed).toMatchObject({ aligned_worst: -0.416, aligned_second_worst: 1, aligned_new_worst: -0.416, aligned_same: 0.5 })
})

test('alignWords() tells a word that stands in another sense, and texts without a word', () => {
  const source = read({ bank: 0, river: 0.1 })

  expect(named(read({ bank: 1.2 }), source)).toMatchObject({ aligned_same_worst: 0.362, aligned_new: 1 })
  expect(named(read({}), source)).toMatchObject({ aligned_worst: 0, aligned_new: 1, aligned_same: 0.5 })
  expect(named(source, read({}))).toMatchObject({ aligned_worst: -1, aligned_same: 0.5 })
})
