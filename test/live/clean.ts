import type { Cassette, Exchange } from './cassette.ts'

/** All other headers are about the connection, the account or its limits. */
const keptHeaders = new Set(['content-type', 'accept', 'anthropic-version', 'retry-after', 'retry-after-ms'])

/** Fields of the vendors' bodies that name the account, or that only the account's own key can read. */
const accountFields =
  'organization|organization_id|organization_name|org_id|project|project_id|workspace|workspace_id|account|account_id|user|user_id|email|' +
  'safety_identifier|encrypted_content|signature|system_fingerprint|request_id|obfuscation'
const accountField = new RegExp(`"(${accountFields})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)+"`, 'g')

/** An id of a vendor: a known beginning, then letters and digits with at least one digit or capital among them. */
const vendorId =
  /\b(resp|msg|rs|fc|ctc|call|chatcmpl|toolu|srvtoolu|req|gen|run|file|batch|item|org|proj|user|acct|wrkspc|fp)([-_])(?=[\w-]*[0-9A-Z])[\w-]{6,}/g
const uuid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi
const email = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g
/** Keys as vendors write them, also half hidden by stars or dots. */
const keyLike = /\b(?:sk|pk|rk|gsk|xai|key)-[\w*.…-]{4,}/g

/** A request's text and images beyond are what the rows make themselves, and say nothing. */
const longestString = 1000
const longString = new RegExp(`"(?:[^"\\\\]|\\\\.){${longestString},}"`, 'g')

/** So long a piece of a key is a secret itself. */
const pieceLength = 8

/**
 * The cassette as text, without keys, vendors' ids, organisation headers and account data. The same id becomes the same
 * number, so that a tool's result still answers its call.
 *
 * @throws {Error} If a piece of a key is still there: then nothing may be written.
 */
export function cassetteText(cassette: Cassette, secrets: readonly string[]): string {
  const ids = new Map<string, string>()
  const clean = (text: string) => cleanText(text, secrets, ids)
  const exchanges = cassette.exchanges.map(({ request, response }): Exchange => {
    const asked = { ...request, path: clean(request.path), headers: keptOf(request.headers, clean), body: clean(cutLong(request.body)) }
    if ('unreachable' in response) return { request: asked, response }
    return { request: asked, response: { ...response, headers: keptOf(response.headers, clean), body: clean(response.body) } }
  })
  const text = `${JSON.stringify({ ...cassette, model: clean(cassette.model), verdict: clean(cassette.verdict), exchanges }, null, 2)}\n`
  if (secrets.some((secret) => findPiece(text, secret) !== undefined)) {
    throw new Error(`Cannot keep the cassette of ${cassette.target} ${cassette.row}: a piece of a key would stand in it`)
  }
  return text
}

function keptOf(headers: Readonly<Record<string, string>>, clean: (text: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => keptHeaders.has(name))
      .map(([name, value]) => [name, clean(value)]),
  )
}

function cutLong(body: string): string {
  return body.replace(longString, (quoted) => {
    const text = JSON.parse(quoted) as string
    return JSON.stringify(`${text.slice(0, 60)}… (${text.length} characters)`)
  })
}

function cleanText(text: string, secrets: readonly string[], ids: Map<string, string>): string {
  const numbered = (id: string, make: (number: number) => string) => {
    const known = ids.get(id) ?? make(ids.size + 1)
    ids.set(id, known)
    return known
  }
  return secrets
    .reduce(withoutSecret, text)
    .replace(accountField, '"$1"$2"cleaned"')
    .replace(keyLike, '[key]')
    .replace(vendorId, (id, prefix: string, mark: string) => numbered(id, (number) => `${prefix}${mark}${number}`))
    .replace(uuid, (id) => numbered(id, (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`))
    .replace(email, 'person@example.com')
}

/** As it stands, as JSON, URLs and Basic credentials write it, and in pieces. */
function withoutSecret(text: string, secret: string): string {
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]
  const encoded = (['base64', 'base64url'] as const).map((form) => Buffer.from(secret).toString(form))
  let clean = [...forms, ...encoded].reduce((left, form) => left.replaceAll(form, '[key]'), text)
  for (let piece = findPiece(clean, secret); piece !== undefined; piece = findPiece(clean, secret)) clean = clean.replaceAll(piece, '[key]')
  return clean
}

/** A piece of the secret that stands in the text. */
function findPiece(text: string, secret: string): string | undefined {
  for (let at = 0; at + pieceLength <= secret.length; at += 1) {
    const piece = secret.slice(at, at + pieceLength)
    if (text.includes(piece)) return piece
  }
  return undefined
}
