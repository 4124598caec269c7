import type { ComputerFormatName, Environment, SafetyCheck } from './computer/format.ts'
import type { Size } from './computer/space.ts'

/**
 * The vocabulary that every provider file translates from and to.
 *
 * A conversation is a list of messages of two roles. Tool results travel in the
 * user's message that follows the calls, as Anthropic has it; provider files for
 * other formats split them out. Binary data is base64 text, since each wire
 * format and MCP carry it so.
 */
export interface Message {
  role: 'user' | 'assistant'
  content: Part[]
  /** Of a conversation between several people: who says it, as `speakerNamed` reads a name. */
  speaker?: string
}

export type Part = TextPart | ImagePart | ImageUrlPart | FilePart | ReasoningPart | ToolCallPart | ToolResultPart

/** Where a client asked for the prompt up to here to be cached, and for how long (Anthropic's `cache_control`). */
export type CacheLifetime = '5m' | '1h'

export interface TextPart {
  type: 'text'
  text: string
  cacheBreakpoint?: CacheLifetime
}

export type ImageMediaType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'

export interface ImagePart {
  type: 'image'
  mediaType: ImageMediaType
  /** Base64. */
  data: string
  /** Pixels, when the image has been looked at already. */
  width?: number
  height?: number
  cacheBreakpoint?: CacheLifetime
}

/** Passed on to providers that accept URLs; Signalbox itself never fetches it. */
export interface ImageUrlPart {
  type: 'image-url'
  url: string
}

export interface FilePart {
  type: 'file'
  mediaType: string
  name?: string
  /** Base64. */
  data: string
  cacheBreakpoint?: CacheLifetime
}

/**
 * A model's own reasoning. `mintedBy` (`provider/model`) and `raw` let the same
 * model have it back byte for byte; for any other model it is dropped, never forged.
 */
export interface ReasoningPart {
  type: 'reasoning'
  text: string
  mintedBy: string
  raw?: unknown
}

export interface ToolCallPart {
  type: 'tool-call'
  id: string
  name: string
  /** The parsed arguments: an object. */
  input: Record<string, unknown>
  /** A call of a computer tool: `input.actions` is a list of our `ComputerAction`, in pixels of the newest screenshot. */
  computer?: { readonly safetyChecks: readonly SafetyCheck[] }
}

export interface ToolResultPart {
  type: 'tool-result'
  /** The id of the call it answers. */
  id: string
  name: string
  content: (TextPart | ImagePart)[]
  isError: boolean
  /** What was done on a screen, with the checks of the call that somebody acknowledged. */
  computer?: { readonly acknowledged: readonly SafetyCheck[] }
  cacheBreakpoint?: CacheLifetime
}

export interface ToolDefinition {
  name: string
  description: string
  /** JSON Schema of an object, passed on unchanged. */
  inputSchema: Record<string, unknown>
  /** A vendor's own tool for a computer. Name, description and schema are those of the function that stands for it where there is none. */
  computer?: ComputerTool
  cacheBreakpoint?: CacheLifetime
}

export interface ComputerTool {
  /** The form in which the client reads calls; our own when absent, which has a word for everything. */
  readonly format?: ComputerFormatName | undefined
  readonly environment: Environment
  /** Of the screenshots, where that is said or known. */
  readonly display?: Size | undefined
}

/** The text parts of a message or part list, joined by blank lines. Tool results, reasoning and images are left out. */
export function textOf(content: readonly Part[]): string {
  return content
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n\n')
}
