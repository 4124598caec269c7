import type { IncomingMessage } from 'node:http'
import { ClientRequestError } from '../../models/wire/client-format.ts'
import { fieldsOf } from './json-fields.ts'

/** Pictures and documents travel inside of requests. */
const maxBodyBytes = 32 * 1024 * 1024
/** Of objects and lists in each other. */
const maxDepth = 200

export class BodyTooLargeError extends Error {}

export interface ReadBody {
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
  readonly fields: ReturnType<typeof fieldsOf>
}

/**
 * The body of a request: one JSON object, within its limits.
 *
 * @throws {ClientRequestError} If it is none. @throws {BodyTooLargeError}
 */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBodyBytes) throw new BodyTooLargeError(tooLarge)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new BodyTooLargeError(tooLarge)
    chunks.push(chunk)
  }
  const text = (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8')
  const json = parse(text)
  const fields = fieldsOf(text)
  if (fields.depth > maxDepth) throw new ClientRequestError('body', `must not be nested deeper than ${maxDepth}, received ${fields.depth}`)
  return { text, json, fields }
}

const tooLarge = `The body must have at most ${maxBodyBytes} bytes`

function parse(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new ClientRequestError('body', 'must be valid JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ClientRequestError(
      'body',
      `must be a JSON object, received ${Array.isArray(parsed) ? 'a list' : String(parsed).slice(0, 20)}`,
    )
  }
  return parsed as Record<string, unknown>
}
