import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { meaningOf } from './names.ts'
import { filesOf, type IconSet, iconSets, type SetUse } from './sets.ts'

/** The side of a drawing as it is kept: one byte a pixel, how much of it is covered. */
export const drawingSide = 96

export interface Drawing {
  readonly set: string
  readonly name: string
  /** One of `trainedMeanings`, or `unknown`. */
  readonly meaning: string
  readonly cover: Uint8Array
}

/** Of what means something else, so many drawings of a set. */
const mostUnknown = 800

/** The drawings of all sets of a use; drawn once and kept in a folder. */
export async function drawingsOf(use: SetUse, packages: string, kept: string): Promise<Drawing[]> {
  const all: Drawing[] = []
  for (const set of iconSets.filter((one) => one.use === use)) all.push(...(await drawingsOfSet(set, packages, kept)))
  return all
}

async function drawingsOfSet(set: IconSet, packages: string, kept: string): Promise<Drawing[]> {
  mkdirSync(kept, { recursive: true })
  const path = join(kept, `${set.package.replaceAll('/', '-')}-${set.version}`)
  const chosen = chosenOf(set, packages)
  if (!existsSync(path)) {
    const covers: Uint8Array[] = []
    for (const { path: file } of chosen) covers.push(await coverOf(readFileSync(file)))
    writeFileSync(path, Buffer.concat(covers))
  }
  const bytes = readFileSync(path)
  const size = drawingSide * drawingSide
  return chosen
    .map(({ name, meaning }, place) => ({
      set: set.package,
      name,
      meaning,
      cover: new Uint8Array(bytes.subarray(place * size, (place + 1) * size)),
    }))
    .filter((drawing) => !isBare(drawing))
}

function chosenOf(set: IconSet, packages: string): { path: string; name: string; meaning: string }[] {
  const named = filesOf(set, packages).flatMap(({ path, name }) => {
    const meaning = meaningOf(name)
    return meaning === undefined ? [] : [{ path, name, meaning }]
  })
  const unknown = named.filter(({ meaning }) => meaning === 'unknown')
  const step = Math.max(1, unknown.length / mostUnknown)
  return [
    ...named.filter(({ meaning }) => meaning !== 'unknown'),
    ...Array.from({ length: Math.min(mostUnknown, unknown.length) }, (_, at) => unknown[Math.floor(at * step)] as (typeof named)[number]),
  ]
}

/** Nothing at all, or a square or circle that is filled: those say nothing. */
function isBare({ meaning, cover }: Drawing): boolean {
  let sum = 0
  for (const value of cover) sum += value
  const share = sum / (255 * cover.length)
  return share < 0.002 || (share > 0.4 && /^(?:checkbox|radio)-off$/.test(meaning))
}

/** What is dark and not see-through. */
async function coverOf(svg: Uint8Array): Promise<Uint8Array> {
  const text = Buffer.from(svg).toString('utf8').replaceAll('currentColor', '#000')
  const { data } = await sharp(Buffer.from(text), { density: 300 })
    .resize(drawingSide, drawingSide, { fit: 'contain', background: '#0000' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const cover = new Uint8Array(drawingSide * drawingSide)
  for (let at = 0; at < cover.length; at += 1) {
    const light = Math.max(data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0)
    cover[at] = Math.round(((data[at * 4 + 3] ?? 0) * (255 - light * 0.9)) / 255)
  }
  const most = cover.reduce((best, value) => Math.max(best, value), 0)
  return most === 0 ? cover : cover.map((value) => Math.round((value * 255) / most))
}

/** Letters that are no signs, in the fonts that the benches have. */
export async function lettersOf(): Promise<Uint8Array[]> {
  const require = createRequire(import.meta.url)
  const texts = [
    ...'ABCDEFGHJKLMNPQRSTUVWYZabdefghkmnprstuwyz23456789&%#@€$§'.split('').map((text) => ({ text, font: 'open-sans' })),
    ...'ABDEGHKMNPQRSTWabdefghkmnprstuwyz23456789'.split('').map((text) => ({ text, font: 'lora' })),
    ...[
      '10',
      '24',
      'Aa',
      'Ok',
      'Go',
      'EN',
      'DE',
      '99',
      'New',
      'Save',
      'Buy',
      'Tue',
      'AB',
      'ML',
      'JD',
      'KP',
      '3.5',
      '12:30',
      'of',
      'to',
    ].map((text) => ({ text, font: 'open-sans' })),
  ]
  const covers: Uint8Array[] = []
  for (const { text, font } of texts)
    covers.push(await letter(text, join(dirname(require.resolve(`@fontsource/${font}/400.css`)), 'files', `${font}-latin-400-normal.woff`)))
  return covers
}

async function letter(text: string, fontfile: string): Promise<Uint8Array> {
  const drawn = await sharp({
    text: {
      text: `<span foreground="black">${text.replace('&', '&amp;')}</span>`,
      fontfile,
      font: fontfile.includes('lora') ? 'Lora' : 'Open Sans',
      rgba: true,
      dpi: 300,
    },
  })
    .png()
    .toBuffer()
  const { data } = await sharp(drawn)
    .resize(drawingSide, drawingSide, { fit: 'contain', background: '#0000' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Uint8Array.from({ length: drawingSide * drawingSide }, (_, at) => data[at * 4 + 3] ?? 0)
}
