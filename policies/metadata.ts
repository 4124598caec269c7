import { z } from 'zod'

/** At most so many, so that a step stays small however much its client has to say. */
const maxEntries = 32
const maxKeyBytes = 128
const maxValueBytes = 1024

const short = (bytes: number) =>
  z.string().refine((text) => Buffer.byteLength(text) <= bytes, { error: `must have at most ${bytes} bytes` })

/** What a client says of a step: texts by name. Anybody can say anything there, so it may route and never permit. */
export const metadataSchema = z
  .record(short(maxKeyBytes).min(1), short(maxValueBytes))
  .refine((entries) => Object.keys(entries).length <= maxEntries, { error: `must have at most ${maxEntries} entries` })

/** Where a request carries it, at each door: in `_meta` of MCP, and of the body of `/v1/plan`. */
export const metadataKey = 'signalbox/metadata'
