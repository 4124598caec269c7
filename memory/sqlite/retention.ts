export type RetainedKind = 'turns' | 'facts' | 'decisions' | 'blobs' | 'vectors' | 'ledger'

export interface Retention {
  /** From the last use of a thread or a cached vector, else from creation. */
  days: number
  gigabytes: number
}

export interface RetentionOptions {
  /** For turns, decisions and blobs, unless `kinds` says otherwise. */
  days?: number | undefined
  gigabytes?: number | undefined
  kinds?: Partial<Record<RetainedKind, Partial<Retention>>> | undefined
}

/**
 * What is kept for how long, and how much of it: the oldest goes first.
 *
 * `turns` are threads with all that was said in them and what makes it findable. Facts were asked to be remembered, so
 * time alone does not take them. The ledger outlives a year, so that a year's spend can be added up.
 */
const defaults: Record<RetainedKind, Retention> = {
  turns: { days: 365, gigabytes: 2 },
  facts: { days: Number.POSITIVE_INFINITY, gigabytes: 1 },
  decisions: { days: 90, gigabytes: 1 },
  blobs: { days: 30, gigabytes: 2 },
  vectors: { days: 180, gigabytes: 1 },
  ledger: { days: 400, gigabytes: Number.POSITIVE_INFINITY },
}

const asked: readonly RetainedKind[] = ['turns', 'decisions', 'blobs']

/** @throws {RangeError} If a limit is not a positive number. */
export function resolveRetention({ days, gigabytes, kinds = {} }: RetentionOptions = {}): Record<RetainedKind, Retention> {
  const resolve = (kind: RetainedKind): Retention => {
    const general = asked.includes(kind) ? { days, gigabytes } : {}
    const limits = {
      days: kinds[kind]?.days ?? general.days ?? defaults[kind].days,
      gigabytes: kinds[kind]?.gigabytes ?? general.gigabytes ?? defaults[kind].gigabytes,
    }
    for (const [unit, value] of Object.entries(limits)) {
      if (!(value > 0)) throw new RangeError(`Cannot keep ${kind}: ${unit} must be a number > 0, received ${value}`)
    }
    return limits
  }
  return {
    turns: resolve('turns'),
    facts: resolve('facts'),
    decisions: resolve('decisions'),
    blobs: resolve('blobs'),
    vectors: resolve('vectors'),
    ledger: resolve('ledger'),
  }
}
