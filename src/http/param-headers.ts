/** An argument that a tool's schema wants repeated in a header (`x-mcp-header`, 2026-07-28), so that proxies can route by it. */
interface Declaration {
  readonly path: readonly string[]
  readonly header: string
  readonly type: unknown
}

/**
 * Where the `Mcp-Param-*` headers of a call disagree with its arguments, in words; `undefined` when they do not.
 *
 * An argument that is there must be in its header as well and mean the same, or a proxy was told something else than the
 * tool; a header without its argument is ignored. The SDK does this for its high-level server only.
 */
export function paramHeaderMismatch(inputSchema: unknown, args: unknown, headers: Headers): { header: string; reason: string } | undefined {
  for (const { path, header, type } of declarationsIn(inputSchema, [])) {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), args)
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue
    const given = headers.get(header)
    if (given === null) return { header, reason: `the body has ${path.join('.')} but the header ${header} is missing` }
    const text = decode(given)
    if (text === undefined) return { header, reason: `the header ${header} is not valid Base64` }
    const isNumber = typeof value === 'number' && (type === 'integer' || type === 'number')
    if (isNumber ? Number(text) !== value || text.trim() === '' : text !== String(value)) {
      return { header, reason: `the header ${header} and ${path.join('.')} in the body differ` }
    }
  }
  return undefined
}

/** Only along `properties`: anywhere else the annotation is not valid. */
function declarationsIn(schema: unknown, path: readonly string[]): Declaration[] {
  if (!isObject(schema)) return []
  const name = schema['x-mcp-header']
  const own = typeof name === 'string' && path.length > 0 ? [{ path, header: `Mcp-Param-${name}`, type: schema['type'] }] : []
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : []
  return [...own, ...properties.flatMap(([key, inner]) => declarationsIn(inner, [...path, key]))].filter((one) => isToken(one.header))
}

/** A value that a header cannot carry as it is comes as `=?base64?…?=`. */
function decode(value: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/s.exec(value)?.[1]
  if (encoded === undefined) return value
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function isToken(header: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(header)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
