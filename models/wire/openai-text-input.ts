import type { ToolCallPart } from '../message.ts'
import { textArgument } from './openai-content.ts'

/** Takes the text out of `{"input": "…"}` while it arrives. */
export interface TextInputReader {
  /** What this piece of the arguments adds to the text. */
  read(piece: string): string
  /** What is left of the text when the call is whole. */
  end(call: ToolCallPart): string
}

const opening = new RegExp(String.raw`^\s*\{\s*"${textArgument}"\s*:\s*"`)

/**
 * Escapes may be cut anywhere. Arguments that begin otherwise are given as a whole, at the end.
 */
export function createTextInputReader(): TextInputReader {
  let pending = ''
  let state: 'before' | 'within' | 'after' = 'before'
  let length = 0

  const take = (): string => {
    if (state === 'before') {
      const found = opening.exec(pending)
      if (found === null) return ''
      pending = pending.slice(found[0].length)
      state = 'within'
    }
    if (state === 'after') return ''
    const { end, closed } = wholeUntil(pending)
    const text = end === 0 ? '' : (JSON.parse(`"${pending.slice(0, end)}"`) as string)
    pending = pending.slice(end)
    if (closed) state = 'after'
    length += text.length
    return text
  }

  return {
    read(piece) {
      if (state === 'after') return ''
      pending += piece
      try {
        return take()
      } catch {
        // No JSON string: what the call turns out to be is told at its end.
        state = 'after'
        return ''
      }
    },
    end: (call) => textInputOf(call).slice(length),
  }
}

/** The text of a call of a tool that takes one. */
export function textInputOf({ input }: ToolCallPart): string {
  const text = input[textArgument]
  return typeof text === 'string' ? text : JSON.stringify(input)
}

/** How far the inside of a JSON string can be read: up to its closing quote, or to an escape that is not whole. */
function wholeUntil(text: string): { end: number; closed: boolean } {
  let at = 0
  while (at < text.length) {
    const special = text[at]
    if (special === '"') return { end: at, closed: true }
    const step = special === '\\' ? (text[at + 1] === 'u' ? 6 : 2) : 1
    if (at + step > text.length) break
    at += step
  }
  return { end: at, closed: false }
}
