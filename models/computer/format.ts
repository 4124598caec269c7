import type { ComputerAction, Point } from './action.ts'
import type { CoordinateSpace, Size } from './space.ts'

/** The vendors' forms of computer use, by the names that they carry on the wire. */
export type ComputerFormatName =
  | 'anthropic-20241022'
  | 'anthropic-20250124'
  | 'anthropic-20251124'
  | 'anthropic-toolset-20260801'
  | 'openai-preview'
  | 'openai'
  | 'gemini-2.5'
  | 'gemini-3.5'
  | 'ui-tars'
  | 'qwen-2.5'
  | 'qwen-3'

export type Environment = 'browser' | 'windows' | 'mac' | 'linux' | 'mobile'

/** What the coordinates of a call are measured in, and on what picture. */
export interface Screen {
  /** As taken. */
  readonly source: Size
  /** As the model saw it. */
  readonly space: CoordinateSpace
  readonly environment: Environment
  /** Where the pointer was before the call, in pixels as taken, if that is known: some forms begin a drag there without saying so. */
  readonly pointer?: Point | undefined
}

/** A check that a vendor, or the guard over the wire formats, asks to have confirmed, in one shape for all of them. */
export interface SafetyCheck {
  /** `signalbox`: the guard's own, whose id is an approval's. */
  readonly vendor: 'openai' | 'gemini' | 'anthropic' | 'signalbox'
  /** OpenAI's id, which an acknowledgement repeats. */
  readonly id?: string | undefined
  /** `malicious_instructions`, `sensitive_domain`, `require_confirmation` … as the vendor has it. */
  readonly code: string
  readonly message: string
}

/** One action with where it came from. */
export interface ActionBlock {
  readonly action: ComputerAction
  /** What the model says that it does or hits: Gemini's `intent`, Playwright's `element`, UI-TARS' thought. Data, not proof. */
  readonly claim?: string | undefined
  /** The vendor's own payload, unchanged. */
  readonly raw: unknown
}

export interface ParsedCall {
  readonly blocks: readonly ActionBlock[]
  readonly safetyChecks: readonly SafetyCheck[]
}

/** One vendor's form. Implementations are named for it in `formats/`; none of them throws anything but `ComputerActionError`. */
export interface ComputerFormat {
  readonly name: ComputerFormatName
  /** The tool as the request declares it; `undefined` where the model is told in its prompt (UI-TARS). */
  tool(screen: Screen): unknown
  /**
   * One call of the model: what the vendor's answer holds for it (a `tool_use` block, a `computer_call` item, a `functionCall`, a text).
   *
   * @throws {ComputerActionError} If it is none of this vendor's, misses a field or names a place outside of the picture.
   */
  parse(call: unknown, screen: Screen): ParsedCall
  /**
   * The same actions as this vendor would have called them, for a history that another model goes on with. What has no word of its
   * own but is made of others (typing into a field: click, type, Enter) becomes several. Ids of calls are the caller's to add.
   * Places are at most half a unit of the vendor's own numbers away; how long OpenAI's `wait` is and how far UI-TARS scrolls is lost.
   *
   * @throws {ComputerActionError} If an action has no word in this form (named, so that the caller can say it).
   */
  format(blocks: readonly ActionBlock[], screen: Screen): unknown[]
}
