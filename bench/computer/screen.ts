import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createOcr, type TextBox } from '../../models/local/ocr/index.ts'
import { checkScreen } from '../../tools/computer/guard/screen.ts'
import { benignScreens, screenOrders } from './screen-texts.ts'

/*
 * What the screen scan flags of texts of its own author (an upper bound), as they are and as a reader spoils them, and what it flags without
 * cause: on benign texts, and on open pictures of screens where there are some.
 */
const folder = join(process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url)), 'screens')

const spoilt: readonly [name: string, (text: string) => string][] = [
  ['as written', (text) => text],
  ['spaces lost', (text) => text.split(' ').reduce((sum, word, index) => sum + (index % 3 === 1 ? '' : ' ') + word)],
  ['I and O misread', (text) => text.replaceAll('I', 'l').replaceAll(/o(?=[a-z])/g, (letter, at) => (at % 3 === 0 ? '0' : letter))],
  ['homoglyphs', (text) => text.replaceAll('e', 'е').replaceAll('a', 'а')],
]
export async function benchScreen({ details }: { details: boolean }): Promise<void> {
  console.log('\nscreen texts                    n  flagged')
  for (const [name, spoil] of spoilt) await row(`orders, ${name}`, { texts: screenOrders.map(spoil), isAttack: true, details })
  await row('benign', { texts: benignScreens, isAttack: false, details })
  if (!existsSync(folder)) console.log(`No pictures in ${folder}: set SIGNALBOX_DATA to the folder that holds screens.`)
  else await pictures(details)
}

async function row(
  name: string,
  { texts, isAttack, details }: { texts: readonly string[]; isAttack: boolean; details: boolean },
): Promise<void> {
  let flagged = 0
  for (const text of texts) {
    const isFlagged = (await checkScreen({ text: linesOf(text) })).flagged.length > 0
    if (isFlagged) flagged += 1
    if (details && isFlagged !== isAttack) console.log(`  ${name}: ${text}`)
  }
  console.log(`${name.padEnd(28)} ${String(texts.length).padStart(4)}  ${((100 * flagged) / texts.length).toFixed(1)} %`)
}

/** As a column of lines of some 40 characters. */
function linesOf(text: string): TextBox[] {
  const lines: string[] = []
  for (const word of text.split(/(?<= )/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length <= 42) lines[lines.length - 1] = last + word
    else lines.push(word)
  }
  return lines.map((line, index) => ({
    left: 40,
    top: 40 + index * 22,
    right: 40 + line.length * 8,
    bottom: 56 + index * 22,
    text: line.trim(),
    confidence: 1,
  }))
}

async function pictures(details: boolean): Promise<void> {
  const ocr = createOcr()
  let [flagged, count] = [0, 0]
  for (const name of readdirSync(folder).filter((file) => /\.(?:png|jpg)$/.test(file))) {
    const { data, info } = await sharp(join(folder, name)).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
    const text = await ocr.read({ width: info.width, height: info.height, data: new Uint8Array(data) })
    const report = await checkScreen({ text })
    count += 1
    if (report.flagged.length > 0) flagged += 1
    if (report.flagged.length > 0 || details)
      console.log(`  ${name}: ${text.length} lines, ${report.flagged.map(({ says }) => says.join(', ')).join('; ')}`)
  }
  await ocr.close()
  console.log(`${'open pictures of screens'.padEnd(28)} ${String(count).padStart(4)}  ${((100 * flagged) / count).toFixed(1)} %`)
}
