/** `pools.quick.models[0]`, as the file spells it; names with other characters are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[A-Za-z0-9_-]+$/.test(String(segment))) text += text === '' ? String(segment) : `.${String(segment)}`
    else text += `[${JSON.stringify(String(segment).slice(0, 80))}]`
  }
  return text
}

const secretKeys = new Set(['api_key', 'token', 'client_secret', 'headers', 'env', 'args'])
const looksSecret = /\b(sk-|pk-|ghp_|gho_|github_pat_|glpat-|xox[a-z]-|AIza|AKIA|eyJ)|bearer\s|:\/\/[^/]*@/i

/** Says what a value is. What is or may be a secret is told by its kind and length alone. */
export function describeValue(value: unknown, path: readonly PropertyKey[], variables: readonly string[] | undefined): string {
  if (variables !== undefined) return `the value of ${variables.map((name) => `\${${name}}`).join(' and ')} (not shown)`
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'a mapping'
  const hidden = path.some((segment) => secretKeys.has(String(segment))) || (typeof value === 'string' && looksSecret.test(value))
  if (typeof value === 'string') {
    if (hidden) return `a text of ${value.length} characters (not shown)`
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
  }
  return hidden ? `a ${typeof value} (not shown)` : String(value)
}

/** What lies at a path of plain data. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = data
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Record<PropertyKey, unknown>)[segment]
  }
  return value
}
