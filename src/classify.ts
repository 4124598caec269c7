import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Classification, ClassifyRequest } from '../policies/signals/signal.ts'
import { isSafeUrl } from './config/addresses.ts'
import type { Config } from './config/config.ts'
import { secretsAmong } from './config/secrets.ts'
import { substitute } from './config/substitute.ts'

/** What the headers of a trusted policy take their `${VAR}` from. */
export interface HeaderVariables {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told the values before they are used, so that no log line shows them. */
  hide(secrets: readonly string[]): void
}

const maxBytes = 64 * 1024

export const classificationSchema = z.object({ label: z.string().max(200), confidence: z.number().min(0).max(1) })

/**
 * Asks classifiers behind URLs: `{"text"}` by POST, `{"label", "confidence"}` back, in at most 64 KB and without redirects.
 *
 * Without `variables` a header that takes one is refused. The request's `signal` holds the time limit, for the body as well. What is
 * thrown names the URL's host, never its path, the headers or the text.
 */
export function createClassify(variables: HeaderVariables | undefined): (request: ClassifyRequest) => Promise<Classification> {
  return async ({ url, headers, text, signal }) => {
    const { host, username, password } = new URL(url)
    const refuse = (message: string, cause?: unknown) => new Error(`Cannot ask the classifier at ${host}: ${message}`, { cause })
    if (!isSafeUrl(url) || username !== '' || password !== '') throw refuse('it must be https without credentials, or http on this machine')
    const filled = fillHeaders(headers, variables, refuse)
    let response: Response
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: filled,
        body: JSON.stringify({ text }),
        redirect: 'manual',
        signal: signal ?? null,
      })
    } catch (cause) {
      signal?.throwIfAborted()
      throw refuse(`it cannot be reached (${reasonOf(cause)})`, cause)
    }
    if (!response.ok) {
      await response.body?.cancel()
      const isRedirect = response.status >= 300 && response.status < 400
      throw refuse(isRedirect ? 'it answers with a redirect, which is not followed' : `it answers with status ${response.status}`)
    }
    const body = await readSmall(response).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw refuse(`its answer breaks off (${reasonOf(cause)})`, cause)
    })
    if (body === undefined) throw refuse(`its answer must have at most ${maxBytes} bytes`)
    const answer = classificationSchema.safeParse(jsonOf(body))
    if (!answer.success) throw refuse('its answer must be {"label": text, "confidence": 0 to 1}')
    return answer.data
  }
}

/**
 * Whether a policy may take variables of the environment: the one of the configuration, where a person named that or it is the user's
 * own. What `signalbox trust` records of a folder is its `signalbox.yaml`; the policy beside it can change unseen.
 */
export function mayTakeVariables(policy: Config['policy'], config: Pick<Config, 'policy' | 'origin'>): boolean {
  return config.origin.kind !== 'folder' && isDeepStrictEqual(policy, config.policy)
}

/** What a text of JSON holds; `undefined` where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The causes of what is wrong with a header are left out: they quote it. */
function fillHeaders(
  headers: ClassifyRequest['headers'],
  variables: HeaderVariables | undefined,
  refuse: (message: string) => Error,
): Headers {
  const { data, from, issues } = substitute(headers, variables?.env ?? {})
  if (variables === undefined && from.size > 0)
    throw refuse(
      `the header ${[...from.keys()].join(', ')} takes a variable, which only the policy of a configuration may that is named or the user's own`,
    )
  if (issues.length > 0) throw refuse(issues.map(({ path, message }) => `the header ${path} ${message}`).join('; '))
  const values = data as Record<string, string>
  if (variables !== undefined) {
    const taken = [...from.values()].flat()
    variables.hide(secretsAmong(taken.map((name) => variables.env[name])))
  }
  const filled = new Headers({ accept: 'application/json' })
  for (const [name, value] of Object.entries(values)) {
    try {
      filled.set(name, value)
    } catch {
      throw refuse(`the header ${name} must be one that HTTP allows`)
    }
  }
  filled.set('content-type', 'application/json')
  return filled
}

/** `undefined` when there is more than may be: the rest is not read. */
async function readSmall({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.byteLength
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : 'unknown reason'
}
