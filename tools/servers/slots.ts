/** So many at once; the rest wait in the order in which they came. */
export interface Slots {
  /** Resolves to the way to give the place back. @throws The signal's reason, when it aborts first. */
  take(signal?: AbortSignal | undefined): Promise<() => void>
  resize(size: number): void
  waiting(): number
}

export function createSlots(size: number): Slots {
  let free = size
  const waiting = new Set<() => void>()

  const admit = () => {
    for (const enter of waiting) {
      if (free <= 0) return
      waiting.delete(enter)
      enter()
    }
  }

  const place = () => {
    free -= 1
    let given = false
    return () => {
      if (given) return
      given = true
      free += 1
      admit()
    }
  }

  return {
    async take(signal) {
      signal?.throwIfAborted()
      if (free > 0) return place()
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const enter = () => resolve(place())
      const leave = () => {
        waiting.delete(enter)
        reject(signal?.reason)
      }
      waiting.add(enter)
      signal?.addEventListener('abort', leave, { once: true })
      try {
        return await promise
      } finally {
        signal?.removeEventListener('abort', leave)
      }
    },
    waiting: () => waiting.size,
    resize(next) {
      free += next - size
      size = next
      admit()
    },
  }
}
