import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { type Drawing, drawingsOf, lettersOf } from './drawings.ts'
import { trainedMeanings } from './names.ts'
import { createRandom, nonsense, pick, samplesOf, sceneOf } from './scenes.ts'
import type { SetUse } from './sets.ts'

/*
 * Writes what the network learns from: for each sample a byte for its meaning (the last is none) and the ink. `train-icons.py` reads it.
 *
 *   node scripts/icons/samples.ts PACKAGES KEPT train 1 1400 samples.bin
 */
const [packages = '', kept = '', use = 'train', seed = '1', each = '100', out = ''] = process.argv.slice(2)
const drawings = await drawingsOf(use as SetUse, packages, kept)
const around = { others: drawings, letters: await lettersOf() }
const random = createRandom(Number(seed))
const file = createWriteStream(out)
const none = trainedMeanings.length

const bySet = new Map<readonly Drawing[], Drawing[][]>()
const byMeaning = Map.groupBy(drawings, ({ meaning }) => meaning)
for (let round = 0; round < Number(each); round += 1) {
  for (const [label, meaning] of trainedMeanings.entries()) {
    const some = byMeaning.get(meaning)
    if (some !== undefined) await add(oneOf(some).cover, label)
  }
  const others = byMeaning.get('unknown') ?? []
  for (let place = 0; place < 36; place += 1) await add(oneOf(others).cover, none)
  for (let place = 0; place < 18; place += 1) await add(nonsense(random, around), none)
}
file.end()
await once(file, 'finish')

/** A set first: large ones have no larger part. */
function oneOf(some: readonly Drawing[]): Drawing {
  const sets = bySet.get(some) ?? [...Map.groupBy(some, ({ set }) => set).values()]
  bySet.set(some, sets)
  return pick(random, random() < 0.5 ? some : pick(random, sets))
}

async function add(cover: Uint8Array, label: number): Promise<void> {
  for (const { ink, isWhole } of samplesOf(await sceneOf(cover, random, around))) {
    // Others beside it make it nothing that has a name.
    if (!file.write(Buffer.concat([Uint8Array.of(isWhole ? label : none), ink]))) await once(file, 'drain')
  }
}
