import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve } from 'node:path'
import type { Caller } from '../caller.ts'
import { InputError } from './errors.ts'
import type { Frames } from './frames.ts'

export interface GivenFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Files and images that a caller names: by path, as a `data:` URL, or as `signalbox://frame/{id}`. */
export interface GivenFiles {
  /** @throws {InputError} If the rules of the source are broken; the message names the rule. */
  read(source: string, caller: Caller): Promise<GivenFile>
}

export interface GivenFilesOptions {
  /** Folders that paths may lead into; none unless configured. */
  roots: () => readonly string[]
  frames: Frames
  maxBytes: number
}

/**
 * Reads what a caller names.
 *
 * Paths are for the local principal alone and must lead to regular files below `images.roots`: the place is checked on
 * the file that was opened, so a link that is changed in between leads nowhere. Nothing is ever fetched.
 */
export function createGivenFiles({ roots, frames, maxBytes }: GivenFilesOptions): GivenFiles {
  return {
    async read(source, caller) {
      if (source.startsWith('data:')) return fromDataUrl(source, maxBytes)
      if (source.startsWith('signalbox://frame/')) {
        const frame = await frames.get(caller.principal, source.slice('signalbox://frame/'.length))
        if (frame === undefined) throw new InputError(`Cannot read ${source}: there is no such frame`)
        return { name: frame.id, bytes: frame.bytes }
      }
      if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !/^[a-z]:[\\/]/i.test(source)) {
        throw new InputError(
          `Cannot read ${shown(source)}: it must be a path, a data: URL or signalbox://frame/…; Signalbox fetches no URL`,
        )
      }
      return fromPath(source, caller, roots(), maxBytes)
    },
  }
}

function fromDataUrl(source: string, maxBytes: number): GivenFile {
  const comma = source.indexOf(',')
  const head = source.slice(5, Math.max(5, comma))
  if (comma === -1 || !head.endsWith(';base64'))
    throw new InputError(`Cannot read the data: URL "${shown(source)}": it must be data:<type>;base64,<data>`)
  const encoded = source.slice(comma + 1)
  if (encoded.length * 0.75 > maxBytes + 3)
    throw new InputError(
      `Cannot read the data: URL: it must hold at most ${maxBytes} bytes, received about ${Math.floor(encoded.length * 0.75)}`,
    )
  if (!/^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(encoded)) throw new InputError('Cannot read the data: URL: its data must be base64')
  return { name: 'data', bytes: Buffer.from(encoded, 'base64') }
}

async function fromPath(source: string, caller: Caller, roots: readonly string[], maxBytes: number): Promise<GivenFile> {
  if (caller.principal !== 'local')
    throw new InputError('Cannot read a path: paths are open to the local caller only; send the data itself')
  if (roots.length === 0)
    throw new InputError(`Cannot read ${shown(source)}: no folder is open to paths; name one under images.roots in the configuration`)
  if (source.includes('\0') || /^(\\\\|\/\/)/.test(source))
    throw new InputError(`Cannot read ${shown(source)}: network and device paths are refused`)
  const path = resolve(source)
  const refused = new InputError(`Cannot read ${shown(source)}: it must be a regular file below one of ${roots.join(', ')}`)
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined)
  if (file === undefined) throw refused
  try {
    const facts = await file.stat()
    const real = await realpath(path)
    const named = await statOf(real)
    const same = named !== undefined && named.ino === facts.ino && named.dev === facts.dev
    const folders = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)))
    if (!facts.isFile() || !same || !folders.some((folder) => folder !== undefined && isBelow(folder, real))) throw refused
    if (facts.size > maxBytes)
      throw new InputError(`Cannot read ${shown(source)}: it must have at most ${maxBytes} bytes, received ${facts.size}`)
    return { name: basename(real), bytes: await file.readFile() }
  } finally {
    await file.close()
  }
}

async function statOf(path: string) {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined)
  try {
    return await file?.stat()
  } finally {
    await file?.close()
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

function shown(source: string): string {
  return source.length > 120 ? `${source.slice(0, 120)}…` : source
}
