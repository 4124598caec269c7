const newline = 0x0a
const keptOfOversized = 256

/** What a stream of lines holds. Of a line over the limit only its ends are kept. */
export type Line = { readonly text: string } | { readonly head: string; readonly tail: string; readonly bytes: number }

/**
 * Cuts a byte stream into lines of at most `maxBytes`.
 *
 * A longer line is thrown away as it comes: its size and its ends are told, and the lines after it are whole again.
 */
export function createLineSplitter(maxBytes: number, onLine: (line: Line) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = []
  let size = 0
  let oversized: { head: string; tail: Buffer } | undefined

  const take = (piece: Buffer) => {
    size += piece.length
    if (oversized) {
      oversized.tail = Buffer.concat([oversized.tail, piece.subarray(-keptOfOversized)]).subarray(-keptOfOversized)
      return
    }
    pieces.push(piece)
    if (size <= maxBytes) return
    const kept = Buffer.concat(pieces)
    oversized = { head: kept.toString('latin1', 0, keptOfOversized), tail: Buffer.from(kept.subarray(-keptOfOversized)) }
    pieces = []
  }

  const finish = () => {
    if (oversized) onLine({ head: oversized.head, tail: oversized.tail.toString('latin1'), bytes: size })
    else if (size > 0) onLine({ text: (pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)).toString('utf8').trimEnd() })
    pieces = []
    size = 0
    oversized = undefined
  }

  return (chunk) => {
    let from = 0
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, at))
      finish()
      from = at + 1
    }
    if (from < chunk.length) take(chunk.subarray(from))
  }
}
