import { ProviderError } from '../errors.ts'
import { isRecord } from './failure.ts'

/** Arguments as they arrive, and what has become of them. */
export interface OpenCall {
  id: string
  name: string
  text: string
}

/** The parsed arguments; none at all are an empty object. `undefined` if they are not a JSON object. */
export function parseArguments(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {}
  try {
    const input: unknown = JSON.parse(text)
    return isRecord(input) ? input : undefined
  } catch {
    return undefined
  }
}

/** A call whose arguments never became an object. What they were is not repeated: it may be anything. */
export function brokenCall(deployment: string, call: OpenCall): ProviderError {
  return new ProviderError(`${deployment} called ${call.name} with arguments that are no JSON object (${call.text.length} characters)`, {
    kind: 'bad_response',
    deployment,
    code: 'broken_tool_call',
  })
}
