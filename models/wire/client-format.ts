import type { CacheLifetime, Message, ReasoningPart, ToolDefinition } from '../message.ts'
import type { ModelEvent, ModelFinish, ModelRequest } from '../provider.ts'

export type ClientFormatName = 'openai-chat' | 'openai-responses' | 'anthropic-messages'

/** A request as a client sent it, in our vocabulary. */
export interface ClientRequest
  extends Pick<
    ModelRequest,
    | 'toolChoice'
    | 'maxOutputTokens'
    | 'temperature'
    | 'topP'
    | 'stopSequences'
    | 'reasoning'
    | 'parallelToolCalls'
    | 'responseSchema'
    | 'cacheKey'
  > {
  /** The model's name as the client wrote it. */
  readonly model: string
  readonly stream: boolean
  readonly system: string | undefined
  readonly systemCacheBreakpoint: CacheLifetime | undefined
  /** Reasoning that came back has `mintedBy: ''`, and `raw` as the client sent it: who minted it is not told by the wire. */
  readonly messages: readonly Message[]
  readonly tools: readonly ToolDefinition[]
  /** Names of tools whose input is a text and no JSON (`custom` tools of Responses): their text travels as the argument `input`. */
  readonly textTools: ReadonlySet<string>
  /** Tools that the client knows in a namespace, by their name in `tools` (`namespace` tools of Responses). */
  readonly namespacedTools?: ReadonlyMap<string, NamespacedTool> | undefined
  /** Whom the client answers for, as its request says: never trusted. */
  readonly user: string | undefined
  /** Whether usage was asked for in the stream (`stream_options.include_usage`); formats that always tell it say `true`. */
  readonly wantsUsage: boolean
  /** The stored answer that this request goes on from (`previous_response_id`). */
  readonly previousResponse: string | undefined
  /** Whether the answer is to be stored for that. */
  readonly stores: boolean
  /** Paths of fields that our vocabulary has no word for: they reach a provider of the same format alone. */
  readonly untranslated: readonly string[]
}

export interface NamespacedTool {
  readonly namespace: string
  readonly name: string
}

/** What an answer to a client says beside what the model said. */
export interface AnswerFrame {
  readonly request: ClientRequest
  /** Letters and digits, without any format's prefix. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Estimated, for formats that tell the input's size before the provider has. */
  readonly inputTokens: number
  /** What stands for reasoning that only its own model can read, for the client to give back. */
  readonly seal: (part: ReasoningPart) => string
}

/** A failure as a client reads it. */
export interface ClientFailure {
  /** Of HTTP. */
  readonly status: number
  readonly message: string
  /** The vendor's own words for the kind, where its format is the client's. */
  readonly type?: string | undefined
  readonly code?: string | undefined
  /** The field that it is about. */
  readonly field?: string | undefined
}

/** Writes one answer as an event stream. Everything it returns is whole events, ready for the wire. */
export interface StreamWriter {
  /** The text for this event, `''` where the format says nothing of it. After `finish` the answer is complete. */
  write(event: ModelEvent): string
  /** The answer broke off: the format's error event, and never its end. */
  fail(failure: ClientFailure): string
}

/** Follows a stream that goes out as its provider's own bytes, for formats whose error goes on from what was said. */
export interface StreamFollower {
  /** An event that went out, as it was read: it may be kept, and is not changed. */
  follow(event: Readonly<Record<string, unknown>>): void
  /** The answer broke off: the format's error event, as the next of that stream. */
  fail(failure: ClientFailure): string
  /** The rest of the answer is written anew: with the ids, places and numbers that follow from what went out. */
  goOn(): StreamWriter
}

/**
 * A wire format from the side of the client that speaks it: reads requests, writes answers, streams and errors.
 *
 * Pure: the same input gives the same output.
 */
export interface ClientFormat {
  readonly name: ClientFormatName
  /** @throws {ClientRequestError} If the body breaks a rule of the format: it names the field, the rule and what was received. */
  readRequest(body: unknown): ClientRequest
  writeAnswer(finish: ModelFinish, frame: AnswerFrame): Record<string, unknown>
  createStreamWriter(frame: AnswerFrame): StreamWriter
  /** Where it is missing, an error says the same wherever it stands. */
  followStream?(frame: AnswerFrame): StreamFollower
  writeFailure(failure: ClientFailure): Record<string, unknown>
  /**
   * The body for a deployment of the same format, with what this one must not see taken out and ids that it takes. The same
   * object where nothing is to be changed; what is not concerned is shared with it.
   */
  rewriteBody(body: Record<string, unknown>, target: RewriteTarget): Record<string, unknown>
}

export interface RewriteTarget {
  /** `provider/model`. */
  readonly deployment: string
  /** The model's name at the provider, which decides what ids and parameters it takes. */
  readonly model: string
  /** How long its answer may be, where that is another than the body says. */
  readonly maxOutputTokens?: number | undefined
  /** What the model is told behind all that the client has sent. */
  readonly note?: string | undefined
  /** What is to become of reasoning that came back, as the client's format has it. */
  readonly reasoning: (raw: unknown) => ReasoningFate
}

/** `keep` as it is, `drop`, or put what the model sent in the place of what stood for it. */
export type ReasoningFate = 'keep' | 'drop' | { readonly original: unknown }

/** A body that cannot be read as its format. */
export class ClientRequestError extends Error {
  override readonly name = 'ClientRequestError'
  readonly code = 'request_invalid'
  readonly field: string

  constructor(field: string, rule: string) {
    super(`${field}: ${rule}`)
    this.field = field
  }
}
