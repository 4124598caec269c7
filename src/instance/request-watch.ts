const newline = 0x0a
/** A longer message is not held: should the instance crash over it, its request ends with the process and not by an error. */
const mostBytes = 256 * 1024

/** Which requests of a client are open, so that each can be told when nobody is there any more to answer. */
export interface RequestWatch {
  /** Bytes of messages that went to the instance, cut anywhere. */
  sent(bytes: Uint8Array): void
  /** @param id as JSON. */
  answered(id: string): void
  /** Ids, as JSON. */
  open(): Iterable<string>
}

export function createRequestWatch(): RequestWatch {
  const open = new Set<string>()
  let held: Uint8Array[] = []
  let bytesHeld = 0

  function take(line: string): void {
    let message: { id?: unknown; method?: unknown; params?: { requestId?: unknown } } | null
    try {
      message = JSON.parse(line)
    } catch {
      // The instance says what it thinks of it.
      return
    }
    if (typeof message?.method !== 'string') return
    if (message.id !== undefined) open.add(JSON.stringify(message.id))
    else if (message.method === 'notifications/cancelled') open.delete(JSON.stringify(message.params?.requestId))
  }

  return {
    sent(bytes) {
      for (let start = 0; start < bytes.length; ) {
        const end = bytes.indexOf(newline, start)
        const piece = bytes.subarray(start, end === -1 ? bytes.length : end)
        bytesHeld += piece.length
        if (bytesHeld <= mostBytes) held.push(piece)
        else held = []
        if (end === -1) return
        if (bytesHeld <= mostBytes) take(Buffer.concat(held).toString())
        held = []
        bytesHeld = 0
        start = end + 1
      }
    },
    answered: (id) => void open.delete(id),
    open: () => open,
  }
}
