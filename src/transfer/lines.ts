import { createReadStream } from 'node:fs'

/**
 * Lines of a text file, read as they are asked for. They end with a line feed alone, or one after a carriage return: a text in JSON
 * holds neither, but it may hold other separators (U+2028), at which Node's own reader of lines parts it.
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let open: string[] = []
  for await (const chunk of createReadStream(path, 'utf8')) {
    const [first = '', ...more] = String(chunk).split('\n')
    open.push(first)
    for (const next of more) {
      yield withoutReturn(open.join(''))
      open = [next]
    }
  }
  const last = open.join('')
  if (last !== '') yield withoutReturn(last)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
