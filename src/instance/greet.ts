import type { Readable, Writable } from 'node:stream'
import { answerHandshake, type Greeted } from '../mcp/handshake.ts'

const newline = 0x0a
/** A handshake is short: who sends more before the end of a line wants something else. */
const mostBytes = 64 * 1024

export interface Greeting {
  /**
   * Ends it: whoever takes the client up answers from here on.
   *
   * @returns the id of the handshake that was answered here. It can be read again, as all that the client has sent.
   */
  end(): Greeted['id'] | undefined
}

/** Answers the handshake of a client while nobody is there yet who could take it up. */
export function greet(stdin: Readable, stdout: Pick<Writable, 'write'>): Greeting {
  const pieces: Buffer[] = []
  let bytes = 0
  let answered: Greeted['id'] | undefined

  // Not by `data`: a stream that was paused would stay so for its next reader.
  const onReadable = () => {
    for (let piece = stdin.read() as Buffer | null; piece !== null; piece = stdin.read() as Buffer | null) {
      pieces.push(piece)
      bytes += piece.length
      if (!piece.includes(newline) && bytes <= mostBytes) continue
      const held = Buffer.concat(pieces)
      const greeted = answerHandshake(held.subarray(0, Math.max(0, held.indexOf(newline))).toString())
      answered = greeted?.id
      if (greeted !== undefined) stdout.write(greeted.answer)
      return giveBack()
    }
  }
  const giveBack = () => {
    stdin.off('readable', onReadable)
    // A stream that has ended with half a line is of no use to anybody.
    if (pieces.length > 0 && !stdin.readableEnded) stdin.unshift(Buffer.concat(pieces.splice(0)))
  }
  stdin.on('readable', onReadable)
  stdin.on('error', () => undefined)

  return {
    end() {
      giveBack()
      return answered
    },
  }
}
