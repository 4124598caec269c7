/** One message of an event stream; a comment is a sign of life and nothing else. */
export type SseMessage = { comment: true } | { comment?: never; event: string | undefined; data: string }

/** Longer lines than any provider sends: a body that is no event stream must not fill the memory. */
const longestLine = 32 * 1024 * 1024

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6): any line ending, split anywhere, several `data` lines.
 *
 * A message that the stream's end cuts off is dropped, as the standard has it. Leaving the loop cancels the body.
 *
 * @throws {RangeError} If a line is longer than any event.
 */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseMessage, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  let event: string | undefined
  let data: string[] = []
  try {
    while (true) {
      const { done, value } = await reader.read()
      buffer += done ? decoder.decode() : decoder.decode(value, { stream: true })
      // A carriage return at the end may be the first half of a line ending.
      const complete = !done && buffer.endsWith('\r') ? buffer.slice(0, -1) : buffer
      const lines = complete.split(/\r\n|\n|\r/)
      buffer = (lines.pop() ?? '') + buffer.slice(complete.length)
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { event, data: data.join('\n') }
          event = undefined
          data = []
        } else if (line.startsWith(':')) {
          yield { comment: true }
        } else {
          const { field, value: content } = fieldOf(line)
          if (field === 'data') data.push(content)
          else if (field === 'event') event = content
        }
      }
      if (buffer.length > longestLine) throw new RangeError(`A line of the event stream is longer than ${longestLine} characters`)
      if (done) return
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

function fieldOf(line: string): { field: string; value: string } {
  const colon = line.indexOf(':')
  if (colon === -1) return { field: line, value: '' }
  return { field: line.slice(0, colon), value: line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1) }
}
