import { Buffer } from 'node:buffer'
import type { ImageMediaType } from '../message.ts'

/** What stands in the structure of a file, without a pixel decoded. */
export interface ImageHeader {
  mediaType: ImageMediaType
  width: number
  height: number
  /** Pictures of an animation, as far as the bytes given go. */
  frames: number
  /**
   * Whether the file holds nothing but one picture: no metadata, colour profile, further frames, unknown parts, or bytes after its end.
   * Only such a file may be passed on as it is.
   */
  bare: boolean
  /** Whether its compression is one for photographs (JPEG, lossy WebP). */
  lossy: boolean
}

type Structure = Omit<ImageHeader, 'mediaType'>

/**
 * Reads the header of a PNG, JPEG, WebP or GIF, by its magic bytes and not by what anybody calls it.
 *
 * The beginning of a file is enough for its size. `undefined`: another format, or no size where the format has it.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const mediaType = mediaTypeOf(bytes)
  if (!mediaType) return undefined
  const structure = readers[mediaType](bufferOf(bytes))
  return structure && structure.width > 0 && structure.height > 0 ? { mediaType, ...structure } : undefined
}

/** By the magic bytes, for which the first twelve are enough; `undefined` for anything that is not taken as an image. */
export function mediaTypeOf(bytes: Uint8Array): ImageMediaType | undefined {
  const start = bufferOf(bytes).toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^RIFF.{4}WEBP$/s.test(start)) return 'image/webp'
  if (/^GIF8[79]a/.test(start)) return 'image/gif'
  return undefined
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const readers: Record<ImageMediaType, (bytes: Buffer) => Structure | undefined> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/webp': readWebp,
  'image/gif': readGif,
}

const pngPictureChunks = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs'])

function readPng(bytes: Buffer): Structure | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  const structure = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), frames: 1, bare: true, lossy: false }
  let ended = false
  for (let at = 8; at + 8 <= bytes.length && !ended; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (!pngPictureChunks.has(type)) structure.bare = false
    if (type === 'acTL' && at + 12 <= bytes.length) structure.frames = Math.max(1, bytes.readUInt32BE(at + 8))
    at += 12 + length
    ended = type === 'IEND'
    if (ended && at !== bytes.length) structure.bare = false
  }
  if (!ended) structure.bare = false
  return structure
}

function readJpeg(bytes: Buffer): Structure | undefined {
  const structure = { width: 0, height: 0, frames: 1, bare: true, lossy: true }
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      structure.bare = false
      at += 1
      continue
    }
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    const length = bytes.readUInt16BE(at + 2)
    // Start of frame, of any coding; C4, C8 and CC in the same range are tables.
    const startsFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (startsFrame && structure.width === 0 && at + 9 <= bytes.length) {
      structure.height = bytes.readUInt16BE(at + 5)
      structure.width = bytes.readUInt16BE(at + 7)
    }
    // APP0 (JFIF) and APP14 (Adobe) are needed to read the colours; other APPn and comments are metadata.
    if ((marker > 0xe0 && marker <= 0xef && marker !== 0xee) || marker === 0xfe) structure.bare = false
    at += 2 + length
    if (marker !== 0xda) continue
    at = endOfScan(bytes, at)
    if (bytes[at + 1] === 0xd9) {
      if (at + 2 !== bytes.length) structure.bare = false
      return structure.width > 0 ? structure : undefined
    }
  }
  structure.bare = false
  return structure.width > 0 ? structure : undefined
}

/** Where the next marker stands that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Buffer, start: number): number {
  let at = bytes.indexOf(0xff, start)
  while (at >= 0 && at + 1 < bytes.length) {
    const marker = bytes[at + 1] ?? 0
    if (marker !== 0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd7)) return at
    at = bytes.indexOf(0xff, at + (marker === 0xff ? 1 : 2))
  }
  return bytes.length
}

function readWebp(bytes: Buffer): Structure | undefined {
  const structure = { width: 0, height: 0, frames: 0, bare: bytes.readUInt32LE(4) + 8 === bytes.length, lossy: true }
  for (let at = 12; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    const data = bytes.subarray(at + 8)
    if (type === 'VP8X' && data.length >= 10) {
      structure.width = data.readUIntLE(4, 3) + 1
      structure.height = data.readUIntLE(7, 3) + 1
    } else if (type === 'VP8 ' && data.length >= 10) {
      if (structure.width === 0) {
        structure.width = data.readUInt16LE(6) & 0x3fff
        structure.height = data.readUInt16LE(8) & 0x3fff
      }
    } else if (type === 'VP8L' && data.length >= 5) {
      structure.lossy = false
      if (structure.width === 0) {
        const bits = data.readUInt32LE(1)
        structure.width = (bits & 0x3fff) + 1
        structure.height = ((bits >>> 14) & 0x3fff) + 1
      }
    } else if (type !== 'ALPH') {
      structure.bare = false
      if (type === 'ANMF') structure.frames += 1
    }
    at += 8 + length + (length % 2)
  }
  structure.frames = Math.max(1, structure.frames)
  return structure
}

function readGif(bytes: Buffer): Structure | undefined {
  if (bytes.length < 13) return undefined
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  const afterSubBlocks = (start: number) => {
    let at = start
    while ((bytes[at] ?? 0) > 0) at += (bytes[at] ?? 0) + 1
    return at + 1
  }
  let frames = 0
  let at = 13 + tableBytes(bytes[10] ?? 0)
  // Image descriptors and extensions; anything else, the trailer included, ends the walk.
  while (at < bytes.length && (bytes[at] === 0x2c || bytes[at] === 0x21)) {
    if (bytes[at] === 0x21) {
      at = afterSubBlocks(at + 2)
    } else {
      frames += 1
      at = afterSubBlocks(at + 10 + tableBytes(bytes[at + 9] ?? 0) + 1)
    }
  }
  // Comments and application data may stand anywhere in it, and no model gains from a GIF: it is always written anew.
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), frames: Math.max(1, frames), bare: false, lossy: false }
}
