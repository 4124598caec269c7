import { z } from 'zod'
import {
  type ArchiveRecord,
  type ArchiveSelection,
  decisionRow,
  pastStepsRow,
  sessionRiskRow,
  summaryRow,
  threadNameRow,
  threadRow,
} from '../../memory/index.ts'
import type { TransferPart } from './part-names.ts'

/** Where each part stands in the store. What is not here stays: approvals, runs, kept answers, screenshots, spending, keys and logins. */
export const selections: Readonly<Record<TransferPart, ArchiveSelection | undefined>> = {
  configuration: undefined,
  policies: undefined,
  pins: { rows: ['catalogue'], streams: [] },
  learned: { rows: ['routing-learner', 'tool-learning', 'tool-examples'], streams: ['tool-outcomes', 'step-outcomes'] },
  memory: { rows: [threadRow, threadNameRow, summaryRow, sessionRiskRow, pastStepsRow], streams: [], texts: true },
  decisions: { rows: [decisionRow], streams: ['tool-audit'] },
}

const time = z.number().nonnegative()
const name = z.string().min(1).max(1000)
const recordSchema = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('row'),
    principal: name,
    kind: name,
    id: name,
    value: z.unknown(),
    createdAt: time,
    updatedAt: time,
    expiresAt: time.optional(),
  }),
  z.strictObject({ of: z.literal('entry'), principal: name, stream: name, id: name, at: time, value: z.unknown() }),
  z.strictObject({
    of: z.literal('document'),
    document: z.strictObject({
      id: name,
      principal: name,
      pieceOf: name.optional(),
      kind: name,
      thread: name.optional(),
      project: name.optional(),
      text: z.string().regex(/\S/),
      trust: z.enum(['system', 'owner', 'known', 'external', 'hostile']),
      createdAt: time,
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      statements: z
        .array(
          z.strictObject({
            subject: z.string(),
            relation: z.string(),
            value: z.string(),
            validFrom: z.number(),
            ends: z.boolean().optional(),
            many: z.boolean().optional(),
            by: z.string().optional(),
          }),
        )
        .optional(),
    }),
  }),
])

/**
 * A record as it stands in a file. What is not of its part is not taken: a file brings no approval, and no key.
 *
 * @throws {TransferError} If it is none, or does not belong there.
 */
export function recordOf(part: TransferPart, given: unknown): ArchiveRecord {
  const { data: record } = recordSchema.safeParse(given)
  const selection = selections[part]
  const belongs =
    record !== undefined &&
    selection !== undefined &&
    (record.of === 'row'
      ? selection.rows.includes(record.kind)
      : record.of === 'entry'
        ? selection.streams.includes(record.stream) || (selection.texts === true && /^th_[0-9a-f]{32}$/.test(record.stream))
        : selection.texts === true)
  if (!belongs) throw new TransferError(`Cannot import a line of the part ${part}: it must hold a record of that part, and holds another`)
  return record
}

export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code = 'transfer_refused'
}
