import { asObject } from './definitions.ts'

/** Arguments as a tool can take them, and what had to be mended. */
export interface RepairedArguments {
  readonly args: Record<string, unknown>
  readonly repairs: readonly string[]
}

/**
 * Mends what models get wrong when a tool is called through another tool: the arguments as a JSON string, or nested under
 * `arguments` or `parameters`. A tool whose schema has a property of that name gets them as they are.
 *
 * Returns `undefined` for what cannot be arguments.
 */
export function repairArguments(received: unknown, inputSchema: Record<string, unknown>): RepairedArguments | undefined {
  const repairs: string[] = []
  let args = fromText(received ?? {}, repairs)
  for (const key of ['arguments', 'parameters']) {
    if (!args || !isNested(args, key, inputSchema)) continue
    const inner = fromText(args[key], repairs)
    if (!inner) continue
    repairs.push(`nested under "${key}"`)
    args = inner
  }
  return args && { args, repairs }
}

function fromText(value: unknown, repairs: string[]): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return asObject(value)
  try {
    const parsed = value.trim() === '' ? {} : asObject(JSON.parse(value))
    if (parsed) repairs.push('a JSON string')
    return parsed
  } catch {
    // Not JSON: the caller is told what was received.
    return undefined
  }
}

/** Beside the nested arguments there is nothing but the tool's name. */
function isNested(args: Record<string, unknown>, key: string, inputSchema: Record<string, unknown>): boolean {
  const properties = asObject(inputSchema['properties']) ?? {}
  const others = Object.keys(args).filter((other) => other !== key)
  return (
    key in args && !(key in properties) && others.every((other) => (other === 'name' || other === 'tool_name') && !(other in properties))
  )
}
