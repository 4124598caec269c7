/** What was begun, by key. */
export interface Begun<Result> {
  /** What was begun for a key is waited for by all; what failed is begun again. */
  once(key: string, begin: () => Promise<Result>): Promise<Result>
  get(key: string): Promise<Result> | undefined
}

/** @param most - Of more, the oldest is forgotten. */
export function createBegun<Result>(most: number): Begun<Result> {
  const begun = new Map<string, Promise<Result>>()
  return {
    get: (key) => begun.get(key),
    once(key, begin) {
      const known = begun.get(key)
      if (known !== undefined) return known
      const result = begin()
      begun.set(key, result)
      result.catch(() => begun.delete(key))
      if (begun.size > most) begun.delete(begun.keys().next().value ?? key)
      return result
    },
  }
}
