import { hash } from 'node:crypto'
import { z } from 'zod'
import { type RowStore, reasoningRow } from '../../memory/index.ts'
import { type CallThought, type Origins, rewriteHistory } from '../../models/history-rewrite.ts'
import type { Message, ReasoningPart, ToolCallPart } from '../../models/message.ts'
import type { ClientFormatName, ReasoningFate } from '../../models/wire/client-format.ts'
import type { Log } from '../log.ts'
import { callKey } from './call-key.ts'
import { createKeptEntries, type KeptEntriesOptions } from './kept-entries.ts'
import { formatOf, marksOf, type ReasoningMark, sealPrefix } from './reasoning-key.ts'

/**
 * Who minted each piece of reasoning and each tool call, so that a model has its own back and none of another's.
 *
 * What is kept belongs to a principal: what another one's client was given is as unknown as what was made up.
 */
export interface Ledger {
  /** After an answer. It returns at once; what cannot be written is lost to the ledger alone. */
  record(answer: RecordedAnswer): void
  /** What stands for reasoning in a client's format that is not the format it was minted in. The same part has the same. */
  seal(principal: string, part: ReasoningPart): string
  /** All that is known of these messages, loaded at once. */
  lookup(asked: LedgerQuestion): Promise<LedgerView>
  forget(principal: string, isMeant: (value: unknown) => boolean): Promise<void>
  close(): Promise<void>
}

export interface RecordedAnswer {
  readonly principal: string
  /** `provider/model`. */
  readonly deployment: string
  readonly client: ClientFormatName
  readonly session: string | undefined
  readonly message: Message
}

export interface LedgerQuestion {
  readonly principal: string
  readonly client: ClientFormatName
  readonly session: string | undefined
  readonly messages: readonly Message[]
}

export interface LedgerView {
  /**
   * For a body that goes on in its own format. What nobody knows is kept, since its vendor can tell; a seal that is unknown, or
   * another principal's, is dropped.
   */
  fateFor(deployment: string): (raw: unknown) => ReasoningFate
  /** The messages for a deployment that is spoken to in another format. The same list where nothing is to be changed. */
  attribute(messages: readonly Message[], deployment: string): readonly Message[]
  /**
   * Whether this deployment thought something before the calls of these messages that its client did not give back: a body that
   * goes on as it is would lack it, and some models refuse a tool loop without.
   */
  lacksThought(messages: readonly Message[], deployment: string): boolean
}

const partSchema = z.object({ text: z.string(), raw: z.unknown() })
const entrySchema = z.object({
  /** The deployment. */
  by: z.string(),
  /** What is to be given back, where the client cannot give it back itself. */
  part: partSchema.optional(),
  /** Of a call. */
  opening: z.array(partSchema).optional(),
  before: z.array(partSchema).optional(),
  /** Of a call whose id was given out twice: nobody can tell what belongs to it. */
  ambiguous: z.boolean().optional(),
})
type Entry = z.infer<typeof entrySchema>

/** Agents go on with a conversation days later; after that its reasoning is of no use to anybody. */
const keptMs = 14 * 86_400_000
/** A piece that is longer is nobody's: the ledger is no archive. */
const longestPiece = 1_000_000

export interface LedgerOptions extends Pick<KeptEntriesOptions<Entry>, 'mostEntries' | 'mostBytes' | 'writeAfterMs'> {}

export function createLedger(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>, options: LedgerOptions = {}): Ledger {
  const parse = (value: unknown) => entrySchema.safeParse(value).data
  const entries = createKeptEntries<Entry>({ rows, kind: reasoningRow, parse, keptMs, clock, log, ...options })

  const markKey = (principal: string, { by, value }: ReasoningMark) =>
    hash('sha256', `${principal}\0${by === 'seal' ? 'content' : by}\0${value}`, 'base64url')

  function recordPart({ principal, deployment, client }: RecordedAnswer, part: ReasoningPart): void {
    if (formatOf(part.raw) === client) {
      for (const mark of marksOf(part.raw)) entries.set(principal, markKey(principal, mark), { by: deployment })
      return
    }
    // Clients of Chat Completions give the plain text back, if anything; the others a seal.
    if (client !== 'openai-chat' || part.text === '' || isTooLong(part)) return
    entries.set(principal, markKey(principal, { by: 'text', value: part.text }), { by: deployment, part: toKept(part) })
  }

  /** Of each call, with what was thought before it where the client's format has no place for that. */
  function recordCalls({ principal, deployment, client, session, message }: RecordedAnswer): void {
    let opening: ReasoningPart[] = []
    let before: ReasoningPart[] = []
    let isOpening = true
    for (const part of message.content) {
      if (part.type === 'reasoning') {
        if (part.raw !== undefined && !isTooLong(part)) (isOpening ? opening : before).push(part)
        continue
      }
      isOpening = false
      if (part.type !== 'tool-call') continue
      const key = callKey(principal, session, part)
      if (key === undefined) continue
      const thought = opening.length + before.length === 0 || client !== 'openai-chat'
      const entry: Entry = {
        by: deployment,
        ...(!thought && { opening: opening.map(toKept), before: before.map(toKept) }),
      }
      const known = entries.get(key)
      const isTaken = known !== undefined && JSON.stringify(known) !== JSON.stringify(entry)
      entries.set(principal, key, isTaken ? { by: deployment, ambiguous: true } : entry)
      opening = []
      before = []
    }
  }

  return {
    record(answer) {
      for (const part of answer.message.content) if (part.type === 'reasoning' && part.raw !== undefined) recordPart(answer, part)
      recordCalls(answer)
    },

    seal(principal, part) {
      const kept = toKept(part)
      const token = sealPrefix + hash('sha256', JSON.stringify([principal, part.mintedBy, kept]), 'base64url').slice(0, 32)
      const key = markKey(principal, { by: 'seal', value: token })
      if (entries.get(key) === undefined && part.raw !== undefined && !isTooLong(part)) {
        entries.set(principal, key, { by: part.mintedBy, part: kept })
      }
      return token
    },

    async lookup({ principal, client, session, messages }) {
      // The other formats have a place for what was thought before a call.
      const callKeys = client === 'openai-chat' ? keysOfCalls(messages, { principal, session }) : noCalls
      const marks = messages.flatMap(({ content }) =>
        content.flatMap((part) => (part.type === 'reasoning' && part.mintedBy === '' ? marksOf(part.raw) : [])),
      )
      const keys = [...marks.map((mark) => markKey(principal, mark)), ...callKeys.of.values()]
      const found = keys.length === 0 ? new Map<string, Entry>() : await entries.find(principal, keys)
      /** The strongest mark decides: an id says nothing of a content that is unknown. */
      const entryOf = (raw: unknown) => {
        const [mark] = marksOf(raw)
        return { mark, entry: mark && found.get(markKey(principal, mark)) }
      }
      // Each part is made once, so that what was rewritten already is told by being the same.
      const thoughts = new Map<string, CallThought>()
      const thoughtUnder = (key: string, entry: Entry): CallThought => {
        const toPart = (kept: z.infer<typeof partSchema>) => fromKept(kept, entry.by)
        const thought = thoughts.get(key) ?? { opening: (entry.opening ?? []).map(toPart), before: (entry.before ?? []).map(toPart) }
        thoughts.set(key, thought)
        return thought
      }
      const origins: Origins = {
        original(part) {
          const { mark, entry } = entryOf(part.raw)
          if (entry === undefined) return undefined
          if (entry.part !== undefined) return fromKept(entry.part, entry.by)
          // What lies at the vendor under its id can be asked for in the vendor's own format alone.
          return mark?.by === 'id' ? undefined : { ...part, mintedBy: entry.by }
        },
        thoughtBefore(call) {
          const key = callKeys.of.get(call)
          const entry = key === undefined || callKeys.repeated.has(key) ? undefined : found.get(key)
          return key === undefined || entry === undefined || entry.ambiguous === true ? undefined : thoughtUnder(key, entry)
        },
      }
      return {
        attribute: (given, deployment) => rewriteHistory(given, deployment, origins),
        lacksThought(given, deployment) {
          if (client !== 'openai-chat') return false
          // A client may give a list back in pieces, or one of two fields that say the same.
          const back = new Set(reasoningIn(given).flatMap(({ raw }) => marksOf(raw).map((mark) => mark.value)))
          return reasoningIn(rewriteHistory(given, deployment, origins)).some(
            ({ raw }) => !marksOf(raw).some(({ value }) => back.has(value)),
          )
        },
        fateFor: (deployment) => (raw) => {
          const { mark, entry } = entryOf(raw)
          if (entry === undefined) return mark?.by === 'seal' ? 'drop' : 'keep'
          if (entry.by !== deployment) return 'drop'
          return entry.part === undefined ? 'keep' : { original: entry.part.raw }
        },
      }
    },

    forget: (principal, isMeant) => entries.forget(principal, isMeant),
    close: () => entries.close(),
  }
}

interface CallKeys {
  readonly of: ReadonlyMap<ToolCallPart, string>
  /** Keys that stand for more than one call. */
  readonly repeated: ReadonlySet<string>
}

const noCalls: CallKeys = { of: new Map(), repeated: new Set() }

function keysOfCalls(messages: readonly Message[], { principal, session }: { principal: string; session: string | undefined }): CallKeys {
  const of = new Map<ToolCallPart, string>()
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const call of messages.flatMap(({ content }) => content.filter((part) => part.type === 'tool-call'))) {
    const key = callKey(principal, session, call)
    if (key === undefined) continue
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
    of.set(call, key)
  }
  return { of, repeated }
}

function reasoningIn(messages: readonly Message[]): ReasoningPart[] {
  return messages.flatMap(({ content }) => content.filter((part) => part.type === 'reasoning'))
}

function toKept({ text, raw }: ReasoningPart): z.infer<typeof partSchema> {
  return { text, raw }
}

function fromKept({ text, raw }: z.infer<typeof partSchema>, mintedBy: string): ReasoningPart {
  return { type: 'reasoning', text, mintedBy, raw }
}

function isTooLong({ raw }: ReasoningPart): boolean {
  return JSON.stringify(raw).length > longestPiece
}
