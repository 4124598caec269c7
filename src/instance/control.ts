/**
 * What an instance says to the process in front of a client, between the messages of the protocol: lines of their own, told from
 * those by their first character. So that process needs to understand no answer, and to hold none.
 */
export type Control =
  /** A line for standard error. */
  | { readonly kind: 'log'; readonly line: string }
  /** A request was answered: its id, as JSON. */
  | { readonly kind: 'answer'; readonly id: string }
  /** The instance ends, on purpose: why, and the code with which the process is to end. */
  | { readonly kind: 'exit'; readonly code: number; readonly reason: string }

const marks = { log: 'L', answer: 'A', exit: 'X' } as const

export function toControlLine(control: Control): string {
  switch (control.kind) {
    case 'log':
      return `${marks.log}${control.line.replace(/\n/g, ' ')}\n`
    case 'exit':
      return `${marks.exit}${control.code} ${control.reason.replace(/\n/g, ' ')}\n`
    default:
      return `${marks[control.kind]}${control.id}\n`
  }
}

function fromControlLine(line: string): Control | undefined {
  const rest = line.slice(1)
  switch (line[0]) {
    case marks.log:
      return { kind: 'log', line: rest }
    case marks.answer:
      return { kind: 'answer', id: rest }
    case marks.exit: {
      const space = rest.indexOf(' ')
      return { kind: 'exit', code: Number(rest.slice(0, space)), reason: rest.slice(space + 1) }
    }
    default:
      return undefined
  }
}

const newline = 0x0a
const brace = 0x7b

/** Parts what an instance sends: bytes of messages pass as they come, control lines are held until they are whole. */
export function createSplitter(onMessage: (bytes: Uint8Array) => void, onControl: (control: Control) => void) {
  let kind: 'message' | 'control' | undefined
  let held: Uint8Array[] = []
  return {
    write(chunk: Uint8Array): void {
      for (let start = 0; start < chunk.length; ) {
        kind ??= chunk[start] === brace ? 'message' : 'control'
        const end = chunk.indexOf(newline, start)
        const stop = end === -1 ? chunk.length : end + 1
        const piece = chunk.subarray(start, stop)
        if (kind === 'message') onMessage(piece)
        else held.push(piece)
        if (end !== -1) {
          const control = kind === 'control' ? fromControlLine(Buffer.concat(held).toString().slice(0, -1)) : undefined
          if (control !== undefined) onControl(control)
          kind = undefined
          held = []
        }
        start = stop
      }
    },
    /** Whether the last bytes were the middle of a message. */
    isCut: () => kind === 'message',
  }
}
