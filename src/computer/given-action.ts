import { computerActionSchema } from '../../models/computer/action-schema.ts'
import type { ParsedCall, Screen } from '../../models/computer/format.ts'
import { spaceOf } from '../../models/computer/format-for.ts'
import { computerFormats } from '../../models/computer/formats/index.ts'
import { recognise } from '../../models/computer/recognise.ts'
import { ComputerActionError } from '../../models/errors.ts'

/**
 * An action as a caller gives it: ours, or any vendor's payload, told by its shape. Places are in the numbers of the screen.
 *
 * @throws {ComputerActionError} If it is nobody's, or breaks its vendor's rules.
 */
export function readGivenAction(given: string | Readonly<Record<string, unknown>>, screen: Screen): ParsedCall {
  const payload = typeof given === 'string' ? given : inEnvelope(given)
  const recognised = recognise(payload)
  if (recognised?.kind === 'action') return { blocks: [{ action: recognised.action, raw: given }], safetyChecks: [] }
  if (recognised === undefined) throw unknownAction(given)
  const { format } = recognised
  // On a picture that nobody resized for a model, the form alone says whether its places are on a grid.
  const space = screen.space.kind === 'pixels' ? spaceOf(format, screen.space) : screen.space
  return computerFormats[format].parse(payload, { ...screen, space })
}

/** Harnesses pass on the inner part of Anthropic's and Qwen's calls, without the block that it came in. */
function inEnvelope(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof given['action'] === 'string' && given['type'] === undefined && given['name'] === undefined) {
    return { type: 'tool_use', id: 'given', name: 'computer', input: given }
  }
  const { name, input } = given
  if (given['type'] === undefined && typeof name === 'string' && typeof input === 'object' && input !== null) {
    return { type: 'tool_use', id: 'given', ...(name !== 'computer' && { toolset_name: 'computer' }), name, input }
  }
  return given
}

/** What is nearly ours is told what it misses; of everything else, what there is. */
function unknownAction(given: unknown): ComputerActionError {
  const { error } = computerActionSchema.safeParse(given)
  const [issue] = error?.issues ?? []
  const near = typeof given === 'object' && given !== null && 'type' in given && issue !== undefined
  const why = near ? `${issue.path.join('.') || 'it'}: ${issue.message}` : 'it has the form of none'
  const known = 'an action of Signalbox ({type: "click", at: {x, y}}), Anthropic, OpenAI, Gemini, Qwen or UI-TARS'
  return new ComputerActionError(`Cannot read a computer action: it must be ${known}; ${why}`, 'shape')
}
