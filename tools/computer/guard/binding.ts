import { createHash } from 'node:crypto'
import type { ComputerAction } from '../../../models/computer/action.ts'

export interface Bound {
  readonly action: ComputerAction
  readonly label?: string | undefined
  /** What is typed, chosen or sent, field by field. */
  readonly values?: Readonly<Record<string, string>> | undefined
  /** Id of the frame. With another one, the yes is not for this any more. */
  readonly frame?: string | undefined
  readonly origin?: string | undefined
}

/** What a person's yes is for: of anything else it is none. The same content gives the same hash in whatever order it was written. */
export function bindingOf({ action, label, values, frame, origin }: Bound): string {
  return createHash('sha256').update(sorted({ action, label, values, frame, origin })).digest('hex')
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`)
    .join(',')}}`
}
