import type { Region } from '../../models/computer/action.ts'
import { createOcr, type Ocr } from '../../models/local/ocr/index.ts'
import { secretBoxes } from '../../tools/computer/guard/secret-boxes.ts'
import { createRandom, escaped, pick, raster } from './drawn-pages.ts'

/*
 * What is masked of made-up values that are drawn beside harmless ones, in three fonts of 11 to 18 pixels, a third of them pale. The values
 * are put together here, so that no scanner takes this file for a leak.
 */
const firstSeed = 1000
const pages = 8
const [width, height] = [900, 620]
interface Sums {
  readonly tallies: Map<string, { n: number; masked: number }>
  outside: number
  needed: number
  falsely: number
  harmless: number
}

export async function benchSecrets({ details }: { details: boolean }): Promise<void> {
  const sums: Sums = { tallies: new Map(), outside: 0, needed: 0, falsely: 0, harmless: 0 }
  const ocr = createOcr()
  for (let seed = firstSeed; seed < firstSeed + pages; seed += 1) await onePage(seed, { ocr, sums, details })
  await ocr.close()

  console.log('\nmasked                 n    whole')
  for (const [kind, { n, masked }] of sums.tallies) {
    console.log(`${kind.padEnd(18)} ${String(n).padStart(5)}  ${`${((100 * masked) / n).toFixed(1)} %`.padStart(7)}`)
  }
  const beside = ((100 * sums.outside) / sums.needed).toFixed(1)
  console.log(`pixels beside the values: ${beside} % of theirs; harmless lines touched: ${sums.falsely} of ${sums.harmless}`)
}

interface Line {
  readonly box: Region
  readonly kind: string
}

async function onePage(seed: number, { ocr, sums, details }: { ocr: Ocr; sums: Sums; details: boolean }): Promise<void> {
  const random = createRandom(seed * 104_729)
  const font = pick(random, ['DejaVu Sans', 'DejaVu Serif', 'DejaVu Sans Mono'])
  const size = 11 + Math.floor(random() * 8)
  const isPale = random() < 0.33
  const parts = [`<rect width="${width}" height="${height}" fill="${isPale ? '#f4f4f4' : '#ffffff'}"/>`]
  const lines: Line[] = []
  const values = valuesOf(random)
  for (const [index, [kind, label, value]] of values.entries()) {
    const base = 40 + index * 36
    // Monospaced tspans have a width that is known; of other fonts the value begins at a place of its own.
    parts.push(`<text x="30" y="${base}">${escaped(label)}</text><text x="250" y="${base}">${escaped(value)}</text>`)
    const wide = value.length * size * (font.endsWith('Mono') ? 0.602 : 0.62)
    lines.push({ kind, box: { left: 250, top: base - size * 0.8, right: 250 + wide, bottom: base + size * 0.22 } })
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${font}" font-size="${size}" fill="${isPale ? '#8a8a8a' : '#222222'}">${parts.join('')}</svg>`
  const picture = await raster(svg)
  const boxes = await ocr.read(picture)
  const masks = await secretBoxes(boxes, { raster: picture })
  for (const [index, { kind, box }] of lines.entries()) {
    // How far the letters really go: the fonts have no tables here.
    const ink = inkOf(picture, box)
    const own = masks.filter((mask) => mask.top < ink.bottom && mask.bottom > ink.top)
    if (kind === 'harmless') {
      sums.harmless += 1
      if (own.length > 0) sums.falsely += 1
      if (own.length > 0 && details) console.log('falsely', values[index]?.[2], own.map((mask) => mask.kind).join())
      continue
    }
    const tally = sums.tallies.get(kind) ?? { n: 0, masked: 0 }
    sums.tallies.set(kind, tally)
    tally.n += 1
    const covered = own.some(
      (mask) => mask.left <= ink.left + 2 && mask.right >= ink.right - 2 && mask.top <= ink.top + 1 && mask.bottom >= ink.bottom - 1,
    )
    if (covered) tally.masked += 1
    else if (details)
      console.log(
        kind,
        values[index]?.[2],
        JSON.stringify(ink),
        boxes.filter((one) => one.top < ink.bottom && one.bottom > ink.top).map((one) => one.text),
        own,
      )
    // A field is as high as its line, which is a fifth more than its letters.
    const area = (ink.right - ink.left + 4) * size * 1.2
    sums.needed += area
    sums.outside += Math.max(0, own.reduce((sum, mask) => sum + (mask.right - mask.left) * (mask.bottom - mask.top), 0) - area)
  }
}

function valuesOf(random: () => number): [kind: string, label: string, value: string][] {
  const digits = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
  const letters = (count: number, from = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789') =>
    Array.from({ length: count }, () => pick(random, [...from])).join('')
  const card = () => {
    const body = `4${digits(14)}`
    const sum = [...body].reduce((total, digit, index) => {
      const part = Number(digit) * (index % 2 === 0 ? 2 : 1)
      return total + (part > 9 ? part - 9 : part)
    }, 0)
    return `${body}${(10 - (sum % 10)) % 10}`.replaceAll(/(\d{4})(?=\d)/g, random() < 0.7 ? '$1 ' : '$1')
  }
  const iban = () => {
    const bban = digits(18)
    const check = 98n - (BigInt(`${bban}131400`) % 97n)
    return `DE${String(check).padStart(2, '0')}${bban}`.replaceAll(/(.{4})(?=.)/g, '$1 ')
  }
  return [
    ['card', pick(random, ['Card number', 'Kartennummer', 'Pay with']), card()],
    ['harmless', 'Order number', `2026-${digits(6)}`],
    ['iban', pick(random, ['IBAN', 'Account', 'Konto']), iban()],
    [
      'us-ssn',
      'Social security',
      `${1 + Math.floor(random() * 6)}${digits(1)}5-${1 + Math.floor(random() * 8)}4-${1 + Math.floor(random() * 8)}${digits(3)}`,
    ],
    ['harmless', 'Total', `$${digits(4)}.${digits(2)}`],
    ['key', 'API key', `sk_${'live'}_${letters(24)}`],
    ['key', 'Access key', `AK${'IA'}${letters(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`],
    ['key', 'Token', `gl${'pat'}-${letters(20)}`],
    ['key', 'Secret', `xox${'b'}-${digits(12)}-${letters(24)}`],
    ['harmless', 'Version', `v${digits(1)}.${digits(2)}.${digits(1)}-beta (build ${digits(5)})`],
    ['password', pick(random, ['Password:', 'Passwort:']), `${letters(5)}${digits(2)}!${letters(3)}`],
    ['harmless', 'Password', 'must have at least 8 characters'],
    [
      'national-id',
      'AHV',
      ((body) =>
        `756.${body.slice(3, 7)}.${body.slice(7, 11)}.${body.slice(11)}${(10 - ([...body].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10)) % 10}`)(
        `756${digits(9)}`,
      ),
    ],
    ['harmless', 'Last sign-in', `2026-11-${10 + Math.floor(random() * 19)} 14:0${digits(1)}`],
    ['harmless', 'Commit', letters(12, '0123456789abcdef')],
  ]
}

function inkOf({ width: wide, data }: { width: number; data: Uint8Array }, { left, top, right, bottom }: Region): Region {
  const ink = { left: right, top: bottom, right: left, bottom: top }
  const background = data[(Math.floor(top) * wide + Math.floor(left) - 6) * 3] ?? 255
  for (let y = Math.floor(top) - 3; y < bottom + 4; y += 1) {
    for (let x = Math.floor(left) - 2; x < Math.min(wide - 1, right + 120); x += 1) {
      if (Math.abs((data[(y * wide + x) * 3] ?? 255) - background) < 40) continue
      ink.left = Math.min(ink.left, x)
      ink.right = Math.max(ink.right, x + 1)
      ink.top = Math.min(ink.top, y)
      ink.bottom = Math.max(ink.bottom, y + 1)
    }
  }
  return ink
}
