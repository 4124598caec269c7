import { canonicalJson, sha256 } from './definitions.ts'
import type { Log } from './log.ts'
import type { Check } from './servers/json-schema.ts'

const maxSchemaCharacters = 256 * 1024
const maxCompiled = 2000
const maxMessageCharacters = 1000

export interface SchemaCheck {
  /** `faults` for one schema and many values. */
  validator(schema: Record<string, unknown>, what: Checked): Promise<(value: unknown) => string | undefined>
  /**
   * What is wrong with a value, in words that name the places and rules but repeat no values; `undefined` when nothing is.
   *
   * A schema that does not compile checks nothing, and the log says so once: it costs that one tool its check, nobody else anything.
   */
  faults(value: unknown, schema: Record<string, unknown>, what: Checked): Promise<string | undefined>
}

/** Whose value it is, and what it is called in messages. */
interface Checked {
  readonly server: string
  readonly tool: string
  readonly called: string
}

/** Validates against JSON Schema 2020-12, 2019-09 and draft-07. Compiled at first use, kept by content; a remote `$ref` is never fetched. */
export function createSchemaCheck({ log }: { log: Log }): SchemaCheck {
  const compiled = new Map<string, Check | undefined>()
  const keys = new WeakMap<Record<string, unknown>, string>()

  async function checkOf(schema: Record<string, unknown>, what: Checked): Promise<Check | undefined> {
    const key = keys.get(schema) ?? sha256(canonicalJson(schema))
    keys.set(schema, key)
    if (compiled.has(key)) return compiled.get(key)
    let check: Check | undefined
    try {
      check = await compile(schema)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.warn(`Tool "${what.tool}" of server "${what.server}": the schema of its ${what.called} cannot be used, they go unchecked`, {
        reason,
      })
    }
    if (compiled.size >= maxCompiled) compiled.delete(compiled.keys().next().value as string)
    compiled.set(key, check)
    return check
  }

  async function validator(schema: Record<string, unknown>, what: Checked) {
    const check = await checkOf(schema, what)
    return (value: unknown) => {
      const result = check?.(value)
      if (!result || result.valid) return undefined
      return result.errorMessage.replace(/\bdata(?=[/ ])/g, what.called).slice(0, maxMessageCharacters)
    }
  }

  return {
    validator,
    faults: async (value, schema, what) => (await validator(schema, what))(value),
  }
}

let shared: ((schema: Record<string, unknown>) => Check) | undefined

async function compile(schema: Record<string, unknown>): Promise<Check> {
  const text = JSON.stringify(schema)
  if (text.length > maxSchemaCharacters)
    throw new RangeError(`the schema has ${text.length} characters, the limit is ${maxSchemaCharacters}`)
  const { createEngine } = await import('./servers/json-schema.ts')
  // An engine keeps schemas by `$id`: with a shared one, a server could slip its schema under another's.
  if (text.includes('"$id"')) return createEngine()(schema)
  shared ??= createEngine()
  return shared(schema)
}
