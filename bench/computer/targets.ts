import { createIconReader } from '../../models/local/icons/index.ts'
import { createOcr } from '../../models/local/ocr/index.ts'
import { clickAt, guarded, stoppedBy } from './click-guard.ts'
import { targets } from './frozen.ts'
import { percent } from './percent.ts'
import { readsOnce } from './read-once.ts'
import { type Part, rendered } from './rendered.ts'

/** Prints how many clicks on something other than what was claimed are stopped, and how many right ones. */
export async function benchTargets({ set, half, limit, details }: Part & { details: boolean }): Promise<void> {
  const ocr = readsOnce(createOcr())
  const signs = createIconReader()
  const judged: {
    kind: string
    isRight: boolean
    isIcon: boolean
    stopped: readonly string[]
    isUnscored: boolean
    isDiffering: boolean
  }[] = []
  const notes: string[] = []
  for await (const { row, decidedOn, screen, point, claim, expected, target } of rendered('targets', { set, half, limit }, targets)) {
    const result = await guarded({ action: clickAt(point), claim, decidedOn, screen }, { ocr, signs })
    const stopped = stoppedBy(result, ['target', 'freshness'])
    const isRight = expected === 'right'
    // The baseline compares the words that were read with those of the claim, letter by letter.
    const isDiffering = result.label === undefined || !claim.toLowerCase().includes(result.label.toLowerCase())
    judged.push({
      kind: row.kind,
      isRight,
      isIcon: target.icon,
      stopped,
      isUnscored: result.unscored.some((one) => one.startsWith('target')),
      isDiffering,
    })
    if (stopped.length > 0 !== isRight) continue
    notes.push(
      `${isRight ? 'refused' : 'missed'} ${row.id} ${row.kind}${target.icon ? ' (icon)' : ''} | ${claim} | read "${result.label ?? ''}" | ${stopped.join()} | ${result.unscored.join('; ')} | ${result.findings.map(({ reason }) => reason).join('; ')}`,
    )
  }
  await ocr.close()
  await signs.close()
  if (judged.length === 0) return
  console.log(
    `\n| click target, ${half} half of the ${set} set | goal | seen | not looked at | words not in the claim |\n| --- | --- | --- | --- | --- |`,
  )
  const print = (name: string, goal: string, some: typeof judged) => {
    const share = (is: (one: (typeof judged)[number]) => boolean) => percent(some.filter(is).length, some.length)
    console.log(
      `| ${name} | ${goal} | ${share(({ stopped }) => stopped.length > 0)} | ${share(({ isUnscored }) => isUnscored)} | ${share(({ isDiffering }) => isDiffering)} |`,
    )
  }
  const wrong = judged.filter(({ isRight }) => !isRight)
  print('wrong clicks stopped', '>= 95 %', wrong)
  for (const [kind, some] of Map.groupBy(wrong, (one) => one.kind)) print(`- ${kind}`, '', some)
  print(
    '- meant for an icon',
    '',
    wrong.filter(({ isIcon }) => isIcon),
  )
  print(
    'right clicks stopped',
    '<= 2 %',
    judged.filter(({ isRight }) => isRight),
  )
  if (details) for (const note of notes) console.log(note)
}
