import { z } from 'zod'
import { metadataKey, metadataSchema } from '../../policies/metadata.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])
const gatewayEntries = z.record(z.string(), scalar)
const bodyMeta = z.strictObject({ [metadataKey]: metadataSchema.optional() })

export type SaidOfStep = { metadata: Readonly<Record<string, string>>; body: unknown } | { refused: string }

/**
 * What a request says of its step: `_meta["signalbox/metadata"]` of its body, and the headers that gateways know. The body's
 * own word wins. `body` is what remains of it.
 *
 * Headers: `cf-aig-metadata` (a JSON object, each entry by its name), `x-litellm-tags` (`tags`), `x-client-request-id`
 * (`client_request_id`).
 */
export function readStepMetadata(headers: Headers, given: unknown): SaidOfStep {
  const entries = gatewayMetadata(headers.get('cf-aig-metadata'))
  if (entries === undefined) return { refused: 'cf-aig-metadata must be a JSON object of texts, numbers and booleans' }
  const { meta, body } = withoutMeta(given)
  const said = bodyMeta.safeParse(meta ?? {})
  if (!said.success) return { refused: `_meta: ${describe(said.error)}` }
  const [tags, id] = [headers.get('x-litellm-tags'), headers.get('x-client-request-id')]
  const all = metadataSchema.safeParse({
    ...entries,
    ...(tags !== null && { tags }),
    ...(id !== null && { client_request_id: id }),
    ...said.data[metadataKey],
  })
  return all.success ? { metadata: all.data, body } : { refused: `metadata: ${describe(all.error)}` }
}

function gatewayMetadata(header: string | null): Record<string, string> | undefined {
  if (header === null) return {}
  try {
    const parsed = gatewayEntries.safeParse(JSON.parse(header))
    return parsed.data && Object.fromEntries(Object.entries(parsed.data).map(([name, value]) => [name, String(value)]))
  } catch {
    return undefined
  }
}

function withoutMeta(given: unknown): { meta?: unknown; body: unknown } {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || !('_meta' in given)) return { body: given }
  const { _meta: meta, ...body } = given
  return { meta, body }
}

function describe(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')} ${message}`)).join('; ')
}
