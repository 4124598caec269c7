import { copyFile, mkdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writePrivateFile } from '../../config/private-file.ts'
import { lineDifference } from '../../line-difference.ts'

/** What a file is to hold; nothing is written before the person has seen it. */
export interface FileChange {
  readonly title: string
  readonly path: string
  /** What it held when it was looked at; `undefined` when it was not there. */
  readonly before: string | undefined
  readonly after: string
  /** Whether it was made by a program for a program: a person is told of it, and need not read it. */
  readonly generated?: boolean | undefined
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The change in lines. Lines that stay are not shown: a client's file holds other servers' secrets. */
export function changeInLines({ title, path, before, after, generated }: FileChange): string {
  const head = `${title}: ${path}${before === undefined ? ' (new)' : ''}`
  return generated === true ? head : `${head}\n${lineDifference(before ?? '', after, { around: 0 })}`
}

/**
 * Writes the change, as a whole and with a copy of what was there beside it.
 *
 * A link is followed, so that a file that is kept elsewhere stays there, and a file keeps its mode.
 *
 * @returns The path of the copy, if there was something to copy.
 * @throws {Error} If the file has changed since it was looked at: what somebody else just wrote is not lost.
 */
export async function applyChange({ path, before, after }: FileChange, stamp: string): Promise<string | undefined> {
  if ((await readIfThere(path)) !== before) throw new Error(`Cannot write ${path}: it has changed meanwhile; run init again`)
  if (before === undefined) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writePrivateFile(path, after)
    return undefined
  }
  const real = await realpath(path)
  const backup = `${real}.before-signalbox-${stamp}`
  await copyFile(real, backup)
  await writePrivateFile(real, after, (await stat(real)).mode & 0o777)
  return backup
}
