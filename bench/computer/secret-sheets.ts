import type { Region } from '../../models/computer/action.ts'
import { createOcr } from '../../models/local/ocr/index.ts'
import { secretBoxes } from '../../tools/computer/guard/secret-boxes.ts'
import { redact } from '../../tools/computer/redact.ts'
import { frameOf } from './frames-of.ts'
import { secretSheets } from './frozen.ts'
import { madeSecretSheets } from './made-secrets.ts'
import { percent } from './percent.ts'
import { readsOnce } from './read-once.ts'
import { type Part, rendered } from './rendered.ts'
import type { SecretRow } from './rows.ts'

/** Of a value's box the part that has to be covered: beyond it there is the space around letters. */
const covered = 0.97

/** Prints how many values of the frozen sheets are masked whole, and how much else is. */
export function benchSecretSheets(part: Part & { details: boolean }): Promise<void> {
  return judgeSheets('secrets', secretSheets, part)
}

/** The same of sheets that are made anew: of what is looked at while the guard is made, and of more forms. */
export function benchMadeSecrets(part: Part & { details: boolean }): Promise<void> {
  return judgeSheets('made-secrets', madeSecretSheets, part)
}

async function judgeSheets(
  name: string,
  make: typeof secretSheets,
  { set, half, limit, details }: Part & { details: boolean },
): Promise<void> {
  const ocr = readsOnce(createOcr())
  const judged: { row: SecretRow; isMasked: boolean; isTouched: boolean }[] = []
  const notes: string[] = []
  let [needed, beside, onDecoys] = [0, 0, 0]
  for await (const { screen, items } of rendered(name, { set, half, limit }, make)) {
    const { raster } = await frameOf(screen)
    const read = await ocr.read(raster)
    // The page's own marks come from the browser, as they would in use.
    const marked = items.filter(({ row }) => row.kind === 'field').flatMap(({ boxes }) => boxes)
    const { masked } = await redact(raster, await secretBoxes(read, { marked, raster }))
    const wanted = items.filter(({ row }) => row.kind !== 'decoy').flatMap(({ boxes }) => boxes)
    const decoys = items.filter(({ row }) => row.kind === 'decoy').flatMap(({ boxes }) => boxes)
    needed += areaOf(wanted)
    beside += areaOf(masked, [...wanted, ...decoys])
    onDecoys += areaOf(masked) - areaOf(masked, decoys)
    for (const { row, boxes, value } of items) {
      const open = areaOf(boxes.map(core), masked) / Math.max(1, areaOf(boxes.map(core)))
      const isMasked = boxes.length > 0 && open <= 1 - covered
      const isTouched = open < 0.9
      judged.push({ row, isMasked, isTouched })
      if (row.kind === 'decoy' ? !isTouched : isMasked) continue
      const lines = read.filter((line) => boxes.some((box) => line.top < box.bottom && line.bottom > box.top))
      // A made-up value, of a file that everybody may read.
      notes.push(
        `${row.kind === 'decoy' ? 'masked' : 'missed'} ${row.id} ${row.kind} ${row.type} ${row.font} ${row.size_px} ${row.contrast} | ${value} | open ${open.toFixed(2)} | read ${lines.map(({ text }) => text).join(' / ')} | ${masked
          .filter((one) =>
            boxes.some((box) => one.top < box.bottom && one.bottom > box.top && one.left < box.right && one.right > box.left),
          )
          .map(({ kind }) => kind)
          .join()}`,
      )
    }
  }
  await ocr.close()
  if (judged.length === 0) return
  console.log(`\n| secrets by box, ${half} half of the ${set} set | goal | seen |\n| --- | --- | --- |`)
  const print = (name: string, goal: string, some: typeof judged) =>
    console.log(`| ${name} | ${goal} | ${percent(some.filter(({ isMasked }) => isMasked).length, some.length)} |`)
  const secrets = judged.filter(({ row }) => row.kind === 'secret')
  print('masked whole', '>= 95 %', secrets)
  for (const [type, some] of Map.groupBy(secrets, ({ row }) => row.type)) print(`- ${type}`, '', some)
  for (const [look, some] of Map.groupBy(secrets, ({ row }) => row.font)) print(`- in ${look}`, '', some)
  for (const [size, some] of Map.groupBy(secrets, ({ row }) => row.size_px)) print(`- ${size} px`, '', some)
  for (const [contrast, some] of Map.groupBy(secrets, ({ row }) => row.contrast)) print(`- contrast ${contrast}`, '', some)
  print(
    'fields that the page marks',
    '100 %',
    judged.filter(({ row }) => row.kind === 'field'),
  )
  const decoys = judged.filter(({ row }) => row.kind === 'decoy')
  console.log(`| look-alikes masked | | ${percent(decoys.filter(({ isTouched }) => isTouched).length, decoys.length)} |`)
  console.log(
    `| pixels masked beside the values, of theirs | <= 10 % | ${((100 * beside) / needed).toFixed(1)} %, and ${((100 * onDecoys) / needed).toFixed(1)} % on look-alikes |`,
  )
  if (details) for (const note of notes) console.log(note)
}

/** Where letters stand: a line is higher than they are. */
function core({ left, top, right, bottom }: Region): Region {
  const space = (bottom - top) * 0.2
  return { left: left + 1, top: top + space, right: right - 1, bottom: bottom - space }
}

/** Pixels that lie in one of the boxes and in none of the others. */
function areaOf(boxes: readonly Region[], others: readonly Region[] = []): number {
  const pixels = new Set<number>()
  for (const { left, top, right, bottom } of boxes) {
    for (let y = Math.round(top); y < Math.round(bottom); y += 1) {
      for (let x = Math.round(left); x < Math.round(right); x += 1) {
        if (!others.some((one) => x >= one.left && x < one.right && y >= one.top && y < one.bottom)) pixels.add(y * 10_000 + x)
      }
    }
  }
  return pixels.size
}
