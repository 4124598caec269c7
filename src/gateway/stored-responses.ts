import { z } from 'zod'
import { type BlobStore, everyRow, MemoryError, type RowStore, storedResponseRow } from '../../memory/index.ts'
import type { Message } from '../../models/message.ts'
import type { Log } from '../log.ts'

/**
 * Answers that a client of Responses goes on from by their id, without sending the conversation again (`previous_response_id`).
 *
 * Each keeps what it added and the id of the one before, so a long conversation is not stored anew with each step. The answer's
 * reasoning is kept as its model sent it. Instructions and tools are not: a client sends them each time.
 */
export interface StoredResponses {
  /** `false` when it was not stored: the conversation is too large or too long, or the store failed. It is said in the log. */
  put(principal: string, response: StoredResponse): Promise<boolean>
  /** The whole conversation up to and with this answer. Another principal's id is not found, nor one of which a part is gone. @throws {MemoryError} If the store fails. */
  get(principal: string, id: string): Promise<StoredConversation | undefined>
  delete(principal: string, id: string): Promise<boolean>
  /** Removes answers that hold what is meant, with which the conversations that go on from them end. */
  forget(principal: string, isMeant: (value: unknown) => boolean): Promise<void>
}

export interface StoredResponse {
  /** As the client has it, `resp_…`. */
  readonly id: string
  /** The one it goes on from. */
  readonly previous: string | undefined
  readonly session: string | undefined
  /** What the request added to the conversation, and the answer. */
  readonly messages: readonly Message[]
}

export interface StoredConversation {
  readonly messages: readonly Message[]
  readonly session: string | undefined
}

/** As OpenAI keeps them. The store removes blobs earlier where they take more room than it may use. */
const keptMs = 30 * 86_400_000
/** Of what one step adds, and of a whole conversation. */
const mostBytes = 16_000_000
const mostBytesOfAll = 64_000_000
/** Steps that are read one after the other; from there on the conversation is stored whole again. */
const stepsUntilWhole = 32
const mediaType = 'application/json'

/** Beside the messages: a row, so that what a principal has can be listed. */
const rowSchema = z.object({
  previous: z.string().optional(),
  session: z.string().optional(),
  /** How many have to be read before this one. */
  steps: z.number(),
  /** Of the conversation as a whole. */
  bytes: z.number(),
})
type StoredRow = z.infer<typeof rowSchema>

export function createStoredResponses(
  { rows, blobs }: { rows: RowStore; blobs: BlobStore },
  clock: () => number,
  log: Pick<Log, 'warn'>,
): StoredResponses {
  async function rowOf(principal: string, id: string): Promise<StoredRow | undefined> {
    const row = await rows.get<unknown>(principal, storedResponseRow, id)
    if (row === undefined || (row.expiresAt ?? 0) <= clock()) return undefined
    return rowSchema.safeParse(row.value).data
  }

  async function ownMessages(principal: string, id: string): Promise<Message[] | undefined> {
    const blob = await blobs.get(principal, storedResponseRow, id)
    return blob && (JSON.parse(Buffer.from(blob.bytes).toString('utf8')) as Message[])
  }

  async function whole(principal: string, id: string): Promise<(StoredConversation & { row: StoredRow }) | undefined> {
    const row = await rowOf(principal, id)
    const parts: Message[][] = []
    for (let at: { id: string; row: StoredRow } | undefined = row && { id, row }; at !== undefined; ) {
      const own = await ownMessages(principal, at.id)
      if (own === undefined) return undefined
      parts.push(own)
      const { previous, steps }: StoredRow = at.row
      if (steps === 0 || previous === undefined) break
      const before: StoredRow | undefined = await rowOf(principal, previous)
      // Each must be nearer to the whole one: a circle cannot be.
      if (before === undefined || before.steps !== steps - 1) return undefined
      at = { id: previous, row: before }
    }
    return row && { messages: parts.toReversed().flat(), session: row.session, row }
  }

  async function put(principal: string, { id, previous, session, messages }: StoredResponse): Promise<string | undefined> {
    const before = previous === undefined ? undefined : await rowOf(principal, previous)
    if (previous !== undefined && before === undefined) return `the answer ${previous} before it is gone`
    const isWhole = before !== undefined && before.steps + 1 >= stepsUntilWhole
    const earlier = isWhole && previous !== undefined ? await whole(principal, previous) : undefined
    if (isWhole && earlier === undefined) return `a part of the conversation before it is gone`
    const own = Buffer.from(JSON.stringify(messages), 'utf8')
    const bytes = (before?.bytes ?? 0) + own.byteLength
    if (own.byteLength > mostBytes) return `it has ${own.byteLength} bytes, of ${mostBytes} at most`
    if (bytes > mostBytesOfAll) return `its conversation has ${bytes} bytes, of ${mostBytesOfAll} at most`
    const kept = earlier === undefined ? own : Buffer.from(JSON.stringify([...earlier.messages, ...messages]), 'utf8')
    const steps = before === undefined || isWhole ? 0 : before.steps + 1
    await blobs.put(principal, storedResponseRow, id, { mediaType, bytes: kept })
    const row: StoredRow = { previous, session, steps, bytes }
    await rows.put(principal, storedResponseRow, id, row, { expiresAt: clock() + keptMs })
    return undefined
  }

  async function remove(principal: string, id: string): Promise<boolean> {
    await blobs.delete(principal, storedResponseRow, [id])
    return rows.delete(principal, storedResponseRow, id)
  }

  return {
    async put(principal, response) {
      const reason = await put(principal, response).catch((error: unknown) => {
        if (!(error instanceof MemoryError)) throw error
        return error.message
      })
      if (reason !== undefined) log.warn('Cannot store an answer for a request that goes on from it', { id: response.id, reason })
      return reason === undefined
    },

    async get(principal, id) {
      const found = await whole(principal, id)
      return found && { messages: found.messages, session: found.session }
    },

    delete: remove,

    async forget(principal, isMeant) {
      const ids: string[] = []
      for await (const { id } of everyRow(rows, principal, storedResponseRow)) ids.push(id)
      for (const id of ids) {
        const messages = await ownMessages(principal, id)
        if (messages === undefined || isMeant(messages)) await remove(principal, id)
      }
    },
  }
}
