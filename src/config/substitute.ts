import type { ConfigIssue } from './config-error.ts'
import { formatPath } from './describe.ts'

export interface Substitution {
  readonly data: unknown
  /** Formatted paths of texts that came from variables, with the variables' names: their values are never shown. */
  readonly from: ReadonlyMap<string, readonly string[]>
  readonly issues: readonly ConfigIssue[]
}

const maxDepth = 32
const reference = /\$(\$\{)|\$\{([^}]*)(\}?)/g
const form = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/

/**
 * Puts variables of the environment into the texts of a configuration.
 *
 * `${VAR}` must be set (empty is set), `${VAR:-default}` takes the default when it is unset or empty, `$${` stands for `${` itself.
 * A value that was put in is not searched again, keys are left alone, and the result of a substitution is always text.
 */
export function substitute(data: unknown, env: Readonly<Record<string, string | undefined>>): Substitution {
  const from = new Map<string, string[]>()
  const issues: ConfigIssue[] = []

  const text = (value: string, path: readonly PropertyKey[]): string => {
    const variables: string[] = []
    const where = formatPath(path)
    const result = value.replace(reference, (_, escaped: string | undefined, inner: string | undefined, close: string | undefined) => {
      if (escaped !== undefined) return '${'
      const match = close === '}' ? form.exec(inner ?? '') : null
      const name = match?.[1]
      if (name === undefined) {
        issues.push({ path: where, message: `must write a variable as \${NAME} or \${NAME:-default}, and a plain \${ as $\${` })
        return ''
      }
      variables.push(name)
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      const fallback = match?.[2]
      if (fallback !== undefined) return found === undefined || found === '' ? fallback : found
      if (found === undefined) issues.push({ path: where, message: `needs the environment variable ${name}, which is not set` })
      return found ?? ''
    })
    if (variables.length > 0) from.set(where, variables)
    return result
  }

  const walk = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value === 'string') return text(value, path)
    if (typeof value !== 'object' || value === null) return value
    if (path.length >= maxDepth) {
      issues.push({ path: formatPath(path), message: `must not be nested deeper than ${maxDepth} levels` })
      return null
    }
    if (Object.hasOwn(value, '__proto__')) issues.push({ path: formatPath([...path, '__proto__']), message: 'must not be used as a key' })
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  return { data: walk(data, []), from, issues }
}
