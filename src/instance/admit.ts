import type { Socket } from 'node:net'
import type { AttachRequest, Difference, Identity } from './attach.ts'
import { converse } from './conversation.ts'
import { createNonce, digestOf, isSame, type Nonces, proofOf } from './proof.ts'

/** What the start of a client would run, resolved by the instance with its own variables. */
export interface Resolved {
  /** All variables that were looked at on the way: with the same values, the client would come to the same. */
  readonly variables: readonly string[]
  /** Tells configurations apart. */
  readonly hash: string
  readonly profiles: readonly string[]
}

export interface AdmitOptions {
  readonly secret: string
  readonly identity: Identity
  readonly env: Readonly<Record<string, string | undefined>>
  /** Resolves a `--config`, or what is found without one. @throws {Error} If that cannot run. */
  resolve(config: string | undefined): Promise<Resolved>
  /** The hash of what runs here, once it is known; `undefined` when it counts in part only from the next start on. */
  running(): Promise<string | undefined>
}

const answerMs = 10_000

/**
 * Takes a client if it agrees with this instance in everything that would change what it gets.
 *
 * @returns its request, or `undefined` if it was sent away.
 * @throws {Error} If it cannot prove that it knows the secret, or leaves.
 */
export async function admit(socket: Socket, options: AdmitOptions): Promise<AttachRequest | undefined> {
  const { secret, identity, env } = options
  const talk = converse(socket, { timeoutMs: answerMs })
  const hello = await talk.next()
  const nonces: Nonces = { client: String(hello['nonce']), instance: createNonce() }
  talk.say({ nonce: nonces.instance, proof: proofOf('instance', secret, nonces) })
  const { proof, request: given } = await talk.next()
  if (!isSame(proof, proofOf('client', secret, nonces))) throw new Error('a client does not know the secret of this instance')
  const request = given as AttachRequest

  const refuse = (difference: Difference, detail?: string) => {
    talk.say({ refused: difference, detail })
    return undefined
  }
  for (const fact of ['user', 'version', 'dataFolder', 'workingFolder'] as const) {
    if (request[fact] !== identity[fact]) return refuse(fact, fact === 'user' ? undefined : identity[fact])
  }

  let resolved: Resolved
  try {
    resolved = await options.resolve(request.config)
  } catch {
    return refuse('configuration', 'its own cannot be used')
  }
  const { variables, hash, profiles } = resolved
  talk.say({ variables })
  const { values } = await talk.next()
  const differing = variables.find((name, index) => {
    const received = Array.isArray(values) ? (values[index] as unknown) : undefined
    return !isSame(received, digestOf(name, env, secret, nonces))
  })
  if (differing !== undefined) return refuse('variables', differing)
  if (hash !== (await options.running())) return refuse('configuration')
  if (request.profile !== undefined && !profiles.includes(request.profile)) return refuse('profile', request.profile)
  talk.say({ attached: true })
  talk.release()
  return request
}
