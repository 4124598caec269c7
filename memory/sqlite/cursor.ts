import { MemoryError } from '../errors.ts'

/** A place in a list: the value it is ordered by, and the row's number for those that share it. */
export interface Place {
  key: number
  number: number
}

function toCursor({ key, number }: Place): string {
  return Buffer.from(`${key}.${number}`).toString('base64url')
}

/** @throws {MemoryError} If the text is not a cursor that a list gave out. */
export function parseCursor(cursor: string, operation: string): Place {
  const match = /^(-?\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (match === null) {
    throw new MemoryError(`Cannot ${operation}: the cursor was not given out by this list`, { code: 'memory_refused', operation })
  }
  return { key: Number(match[1]), number: Number(match[2]) }
}

/** The page, and where the next one starts when there was one row too many. */
export function toPage<T extends Place>(rows: T[], limit: number): { page: T[]; nextCursor?: string } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last !== undefined ? { page, nextCursor: toCursor(last) } : { page }
}

/** @throws {RangeError} Unless it is a positive integer. */
export function checkLimit(limit: number, operation: string): number {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`Cannot ${operation}: limit must be an integer >= 1, received ${limit}`)
  return limit
}
