/** What one block of an event stream says. Without `data` it is a sign of life and nothing else. */
export interface SseMessage {
  readonly event: string | undefined
  readonly data: string | undefined
  /** Where the block ends in its batch's bytes. */
  readonly end: number
}

/** Whole blocks of a stream, as they arrived and as they read. */
export interface SseBatch {
  readonly bytes: Uint8Array
  readonly messages: readonly SseMessage[]
}

export interface SseParser {
  /**
   * The blocks that this piece of the body completes; what is incomplete waits for the next piece.
   *
   * @throws {RangeError} If a block is longer than any event: a body that is no event stream must not fill the memory.
   */
  push(piece: Uint8Array): SseBatch
  /** After the last piece. A block that the end cuts off is no message, as the standard has it: its bytes are `rest`. */
  end(): SseBatch & { readonly rest: Uint8Array }
}

const longestBlock = 32 * 1024 * 1024
const lineFeed = 10
const carriageReturn = 13
const nothing: Uint8Array = new Uint8Array()

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6): any line ending, split anywhere, several `data` lines.
 *
 * Synchronous, and each byte is looked at once: a stream has hundreds of events, and each waits for this.
 */
export function createSseParser(): SseParser {
  let held: Uint8Array[] = []
  let heldLength = 0
  let isFirst = true
  let lineIsEmpty = true
  let afterReturn = false
  /** A carriage return has ended an empty line, and may be the first half of a line ending. */
  let endsAfterReturn = false

  /** Where blocks end in this piece. */
  const endsIn = (piece: Uint8Array): number[] => {
    const ends: number[] = []
    for (let index = 0; index < piece.length; index += 1) {
      const byte = piece[index]
      if (endsAfterReturn) {
        ends.push(byte === lineFeed ? index + 1 : index)
        endsAfterReturn = false
      } else if (byte === lineFeed && lineIsEmpty && !afterReturn) ends.push(index + 1)
      if (byte === lineFeed) {
        lineIsEmpty = true
        afterReturn = false
      } else if (byte === carriageReturn) {
        endsAfterReturn = lineIsEmpty
        lineIsEmpty = true
        afterReturn = true
      } else {
        lineIsEmpty = false
        afterReturn = false
      }
    }
    return ends
  }

  const take = (piece: Uint8Array, ends: readonly number[]): SseBatch => {
    const last = ends.at(-1)
    if (last === undefined) {
      if (piece.length > 0) held.push(piece)
      heldLength += piece.length
      return { bytes: nothing, messages: [] }
    }
    const before = heldLength
    const all = before === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : Buffer.concat([...held, piece])
    const bytes = all.subarray(0, before + last)
    const messages: SseMessage[] = []
    let start = 0
    for (const place of ends) {
      const end = before + place
      const message = readBlock(bytes.toString('utf8', start, end), isFirst)
      if (message !== undefined) messages.push({ ...message, end })
      isFirst = false
      start = end
    }
    held = bytes.length < all.length ? [all.subarray(bytes.length)] : []
    heldLength = all.length - bytes.length
    return { bytes, messages }
  }

  return {
    push(piece) {
      const batch = take(piece, endsIn(piece))
      if (heldLength > longestBlock) throw new RangeError(`A block of the event stream is longer than ${longestBlock} bytes`)
      return batch
    },
    end() {
      const batch = take(nothing, endsAfterReturn ? [0] : [])
      return { ...batch, rest: Buffer.concat(held) }
    },
  }
}

/** `undefined` for blank lines alone. */
function readBlock(text: string, isFirst: boolean): Omit<SseMessage, 'end'> | undefined {
  let event: string | undefined
  let data: string | undefined
  let isBlank = true
  // A byte order mark may stand before the first line.
  for (const line of (isFirst ? text.replace(/^\uFEFF/, '') : text).split(text.includes('\r') ? /\r\n|\n|\r/ : '\n')) {
    if (line === '') continue
    isBlank = false
    if (line.startsWith('data:')) {
      const value = line.slice(line[5] === ' ' ? 6 : 5)
      data = data === undefined ? value : `${data}\n${value}`
    } else if (line.startsWith('event:')) event = line.slice(line[6] === ' ' ? 7 : 6)
    else if (line === 'data') data = data === undefined ? '' : `${data}\n`
  }
  return isBlank ? undefined : { event, data }
}
