import type { ComputerFormatName } from './computer/format.ts'
import type { Size } from './computer/space.ts'
import type { CacheLifetime, Message, ReasoningPart, ToolCallPart, ToolDefinition } from './message.ts'
import type { FinishReason, Usage } from './outcome.ts'

/** What a provider file is asked to send, in our vocabulary. */
export interface ModelRequest {
  /** The model's name at the provider, without the provider's prefix. */
  model: string
  system?: string | undefined
  /** Where a client asked for the system text to be cached. Providers that take no breakpoints leave all of them out. */
  systemCacheBreakpoint?: CacheLifetime | undefined
  messages: readonly Message[]
  tools?: readonly ToolDefinition[] | undefined
  /** The newest screenshot as it came and as it is sent: actions that the model answers are in pixels of the latter. */
  screenshot?: { readonly source: Size; readonly sent: Size } | undefined
  toolChoice?: 'auto' | 'none' | 'required' | { name: string } | undefined
  maxOutputTokens?: number | undefined
  /** JSON Schema that the answer must follow, where the provider can hold to one. */
  responseSchema?: Record<string, unknown> | undefined
  temperature?: number | undefined
  topP?: number | undefined
  stopSequences?: readonly string[] | undefined
  reasoning?: ReasoningRequest | undefined
  /** `false`: at most one tool call in the answer. */
  parallelToolCalls?: boolean | undefined
  /** A stable key for providers that route prompt caches by one (OpenAI's `prompt_cache_key`). */
  cacheKey?: string | undefined
  /** Headers beside those of the format, named in lower case; none that carries a credential. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Whether the log-probability of each token is wanted, where the provider gives it. */
  logprobs?: boolean | undefined
  /**
   * Texts that the answer may be taken from word for word: read by the built-in `extractive` provider alone,
   * since for models they stand quoted in `system` and `messages` already.
   */
  sources?: readonly SourceText[] | undefined
}

/** How much a model should think before it answers. Each provider file says it in its own words, or leaves it out where a model cannot. */
export interface ReasoningRequest {
  effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | undefined
  budgetTokens?: number | undefined
  /** The client wants to see it. Providers that show nothing unless they are asked are asked for a summary. */
  shown?: true | undefined
}

/** A text that can be cited. */
export interface SourceText {
  /** What a reader can look up: `prompt`, a turn's or memory's id, a tool's name, a file's name. */
  id: string
  text: string
}

/** A passage of a source that the answer was taken from. */
export interface Citation {
  source: string
  text: string
}

/**
 * What a provider yields. `start` comes with the response's headers, `finish` comes last and exactly once; a stream that
 * ends without it is a failure and is thrown as one. Failure is always a throw. A delta may be empty: something arrived
 * that says nothing, which is a sign of life.
 */
export type ModelEvent =
  | { type: 'start'; servedModel?: string | undefined; headers?: Headers | undefined }
  /** `refusal`: the provider says that this is a refusal, in formats that keep them apart from answers. */
  | { type: 'text-delta'; text: string; refusal?: true }
  | { type: 'reasoning-delta'; text: string }
  /** Reasoning is whole, with what the same model must have back: its deltas came before, if it shows any. */
  | { type: 'reasoning'; part: ReasoningPart }
  /** Part of a tool call's arguments arrived: content for the clocks, not yet a call. */
  | { type: 'tool-call-delta'; id: string; name: string; inputText: string }
  | { type: 'tool-call'; call: ToolCallPart }
  | ModelFinish

export interface ModelFinish {
  type: 'finish'
  finishReason: FinishReason
  rawFinishReason?: string | undefined
  usage: Usage
  servedModel?: string | undefined
  /** What the provider calls the answer, where it can be gone on from by that. */
  answerId?: string | undefined
  /** The whole answer, with reasoning and calls, as it has to be replayed to the same model. */
  message: Message
  /** Natural logarithms of the probabilities of the tokens of tool arguments, by providers that were asked and tell. */
  argumentLogprobs?: readonly number[] | undefined
  /** Where the answer was taken from, by providers that tell. */
  citations?: readonly Citation[] | undefined
}

export interface SendOptions {
  signal?: AbortSignal | undefined
}

/** A request in the provider's own wire format, with an answer that is read on its way through. */
export interface RelayRequest extends ForwardRequest {
  /** The model's name at the provider, as the body has it. */
  model: string
  /** Whether the body asks for a stream. */
  stream: boolean
  /**
   * The client did not ask for usage in its stream: it is asked for all the same where the format only then tells it (Chat
   * Completions, at servers that are known to take the wish), counted, and taken out of the bytes again.
   */
  hidesUsage?: boolean | undefined
  /** The form of the computer that the body offers. */
  computer?: ComputerFormatName | undefined
}

/** What arrived, byte for byte, and what it says. Of a stream each chunk ends where one of its events ends; the last holds `finish`. */
export interface RelayChunk {
  bytes: Uint8Array
  events: readonly ModelEvent[]
  /** The events as they stand in `bytes`, of formats whose error goes on from them, and of every answer that may use a computer. */
  sent?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** Of a stream that may use a computer: no call has begun in it by now, not even one that no event tells of yet. */
  isWords?: boolean | undefined
}

/** Original bytes in, original bytes out: nothing is parsed on the way. */
export interface ForwardRequest {
  /** Path below `/v1`, such as `/messages`. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

export interface ForwardResponse {
  status: number
  headers: Headers
  body: AsyncIterable<Uint8Array>
}

/**
 * A provider: the API family behind one base URL and one credential.
 *
 * A provider makes one call and never retries; dispatch has the only retry loop.
 */
export interface Provider {
  /** The configuration key, the part before the slash of `provider/model`. */
  readonly name: string
  /** The wire format: `openai-responses`, `openai-chat`, `anthropic-messages`, `extractive`. */
  readonly format: string
  /** @throws {ProviderError} for every failure but an abort, which rethrows `signal.reason`. */
  send(request: ModelRequest, options?: SendOptions): AsyncIterable<ModelEvent>
  /**
   * Sends the bytes as they are and relays the answer's. `start` comes with the headers, in a chunk without bytes.
   *
   * @throws {ProviderError} as `send`: for what a provider refused, and for an answer that is cut or of another format.
   */
  relay?(request: RelayRequest, options?: SendOptions): AsyncIterable<RelayChunk>
  /** Forms of a computer that the model has refused by name: it is not asked for them again. */
  refusedComputer?(model: string): ReadonlySet<ComputerFormatName> | undefined
  /** Credentials of the caller are removed and the provider's own are set. */
  forward(request: ForwardRequest, options?: SendOptions): Promise<ForwardResponse>
}
