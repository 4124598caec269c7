import { createIconReader } from '../../models/local/icons/index.ts'
import { createOcr } from '../../models/local/ocr/index.ts'
import { guarded, stoppedBy } from './click-guard.ts'
import { races } from './frozen.ts'
import { percent } from './percent.ts'
import { readsOnce } from './read-once.ts'
import { type Part, rendered } from './rendered.ts'

/** Prints how many changes between screenshot and action are noticed, by kind, and how much harmless movement is taken for one. */
export async function benchRaces({ set, half, limit, details }: Part & { details: boolean }): Promise<void> {
  const ocr = readsOnce(createOcr())
  const signs = createIconReader()
  const judged: { kind: string; isRace: boolean; byFreshness: boolean; byAny: boolean; isOther: boolean }[] = []
  const notes: string[] = []
  for await (const { row, decidedOn, screen, action, claim, expected } of rendered('races', { set, half, limit }, races)) {
    const result = await guarded({ action, claim, decidedOn, screen }, { ocr, signs })
    const stopped = stoppedBy(result, ['freshness', 'target'])
    const isRace = expected === 'reobserve'
    const byAny = stopped.length > 0
    // The baseline: any other byte is another screen.
    const isOther = Buffer.compare(decidedOn.png, screen.png) !== 0
    judged.push({ kind: row.kind, isRace, byFreshness: stoppedBy(result, ['freshness']).length > 0, byAny, isOther })
    if (byAny !== isRace)
      notes.push(
        `${isRace ? 'missed' : 'refused'} ${row.id} on ${row.page}, ${row.theme} | ${claim} | ${result.findings.map(({ code, reason }) => `${code}: ${reason}`).join('; ')}`,
      )
  }
  await ocr.close()
  await signs.close()
  if (judged.length === 0) return
  console.log(
    `\n| race, ${half} half of the ${set} set | goal | seen | by the comparison of screens alone | any other pixel |\n| --- | --- | --- | --- | --- |`,
  )
  const print = (name: string, goal: string, some: typeof judged) => {
    const share = (is: (one: (typeof judged)[number]) => boolean) => percent(some.filter(is).length, some.length)
    console.log(
      `| ${name} | ${goal} | ${share(({ byAny }) => byAny)} | ${share(({ byFreshness }) => byFreshness)} | ${share(({ isOther }) => isOther)} |`,
    )
  }
  for (const isRace of [true, false]) {
    const some = judged.filter((one) => one.isRace === isRace)
    print(isRace ? 'races stopped' : 'harmless movement stopped', isRace ? '100 %' : '<= 1 %', some)
    for (const [kind, ofKind] of Map.groupBy(some, (one) => one.kind)) print(`- ${kind}`, '', ofKind)
  }
  if (details) for (const note of notes) console.log(note)
}
