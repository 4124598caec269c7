import { z } from 'zod'
import { defineSignal } from './signal.ts'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Day = (typeof days)[number]

const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 08:30')

/**
 * The time of day and week where somebody is: whether it lies between `from` (included) and `to` (excluded; past midnight when `to` is the
 * earlier) on one of the `days`; with `bands`, the name of the part of the day, each from its time until the next.
 */
export const time = defineSignal({
  value: 'true or false; text',
  is: 'whether it is between two times, past midnight if `to` is the earlier, on one of the days; with `bands` the part of the day',
  options: {
    zone: 'an IANA time zone',
    from: 'as `08:00`',
    to: 'as `18:00`',
    days: 'days of the week',
    bands: 'names with the time at which each begins',
  },
  schema: z
    .strictObject({
      kind: z.literal('time'),
      /** An IANA name. */
      zone: z.string().max(100).default('UTC').refine(isZone, { error: 'must be a time zone such as Europe/Berlin' }),
      from: hour.optional(),
      to: hour.optional(),
      days: z.array(z.enum(days)).min(1).max(7).optional(),
      bands: z.record(z.string().min(1).max(60), hour).optional(),
    })
    .refine(({ from, to }) => (from === undefined) === (to === undefined), { error: 'give both of from and to, or neither' })
    .refine((given) => (given.bands === undefined) !== (given.from === undefined && given.days === undefined), {
      error: 'give bands, or hours or days',
    }),
  create(name, { zone, from, to, days: meant = days, bands }) {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    if (bands !== undefined) {
      const starts = Object.entries(bands).toSorted((left, right) => (left[1] < right[1] ? -1 : 1))
      return {
        name,
        cost: 'read',
        type: 'string',
        values: starts.map(([band]) => band),
        read(_step, { live }) {
          const { at } = read(clock, live.now)
          return { value: (starts.findLast(([, start]) => start <= at) ?? starts.at(-1))?.[0] ?? '', confidence: 1 }
        },
      }
    }
    return {
      name,
      cost: 'read',
      type: 'bool',
      read(_step, { live }) {
        const { at, day } = read(clock, live.now)
        return { value: meant.includes(day) && isBetween(at, from, to), confidence: 1 }
      },
    }
  },
})

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

function read(clock: Intl.DateTimeFormat, now: number): { at: string; day: Day } {
  const parts = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, value]))
  return { at: `${parts['hour']}:${parts['minute']}`, day: (parts['weekday'] ?? '').toLowerCase() as Day }
}

function isBetween(at: string, from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return true
  return from <= to ? at >= from && at < to : at >= from || at < to
}
