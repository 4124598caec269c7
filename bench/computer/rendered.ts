import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../test/support/browser.ts'
import type { Portion } from './frozen.ts'
import { type FrozenSet, folderOf, type Split } from './rows.ts'
import { sample } from './sample.ts'

/** Of what is rendered and read once for many runs; may be deleted at any time. */
export const benchFolder = join(tmpdir(), 'signalbox-bench-computer')

export interface Part {
  readonly set: FrozenSet
  readonly half: Split
  /** So many of all, evenly. */
  readonly limit: number | undefined
}

/**
 * What `make` yields, from the folder of an earlier run where there is one: a browser takes longer for a page than the guard does. It is
 * rendered anew when the frozen data change; who changes how pages are rendered deletes the folder.
 *
 * Without a browser and without an earlier run nothing is yielded, and that is said.
 */
export async function* rendered<Case>(
  name: string,
  { set, half, limit }: Part,
  make: (split: Split, browser: Browser, portion: Portion) => AsyncGenerator<Case>,
): AsyncGenerator<Case> {
  mkdirSync(benchFolder, { recursive: true })
  const sums = readFileSync(new URL(`data/${folderOf[set]}SHA256SUMS`, import.meta.url))
  const fileOf = (most?: number) => join(benchFolder, `${name}-${sha256([sums, name, half, String(most)]).slice(0, 16)}.jsonl`)
  const [whole, file] = [fileOf(), fileOf(limit)]
  const isWhole = existsSync(whole)
  if (!isWhole && !existsSync(file)) {
    const { browser, ...opened } = await openBrowser()
    if (browser === undefined) {
      console.log(`\n${name}: skipped, ${'reason' in opened ? opened.reason : ''}`)
      return
    }
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, '')
    try {
      for await (const one of make(half, browser, { set, limit })) appendFileSync(unfinished, `${JSON.stringify(one, withoutBytes)}\n`)
      renameSync(unfinished, file)
    } finally {
      await browser.close()
    }
  }
  const lines = readFileSync(isWhole ? whole : file, 'utf8')
    .trim()
    .split('\n')
  for (const line of isWhole ? sample(lines, limit) : lines) yield JSON.parse(line, withBytes) as Case
}

export function sha256(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}

/** Asks the holder: a `Buffer` has turned itself into numbers before it comes here. */
function withoutBytes(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const own = this[key]
  if (!(own instanceof Uint8Array)) return value
  const bytes = sha256([own])
  const file = join(benchFolder, `${bytes}.png`)
  if (!existsSync(file)) writeFileSync(file, own)
  return { bytes }
}

function withBytes(_: string, value: unknown): unknown {
  const isFile = typeof value === 'object' && value !== null && 'bytes' in value && typeof value.bytes === 'string'
  return isFile ? new Uint8Array(readFileSync(join(benchFolder, `${value.bytes}.png`))) : value
}
