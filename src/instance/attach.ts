import { connect, type Socket } from 'node:net'
import { type Conversation, converse } from './conversation.ts'
import { checkAddress, type InstanceRecord } from './place.ts'
import { createNonce, digestOf, isSame, type Nonces, proofOf } from './proof.ts'

/** Whose start it is, and where: a client and its instance must agree in all of it. */
export interface Identity {
  /** The operating system's number or name of the user, and the home folder that paths start from. */
  readonly user: string
  readonly version: string
  readonly dataFolder: string
  /** The project. */
  readonly workingFolder: string
}

/** What a start over stdio asks of an instance. */
export interface AttachRequest extends Identity {
  /** `--config`, made absolute. */
  readonly config: string | undefined
  readonly profile: string | undefined
  readonly project: string | undefined
  readonly logLevel: string | undefined
  readonly logFormat: string | undefined
  readonly pid: number
  /** Why no instance that runs already would do. */
  readonly apart: string | undefined
  /** The handshake that the client has its answer to already; looked at when the request is sent. */
  readonly answered?: string | number | undefined
}

/** In what a client and an instance may differ, as people are told of it. */
export const differences = {
  user: 'another user',
  version: 'another version',
  dataFolder: 'another data folder',
  workingFolder: 'another working folder',
  variables: 'another value of a variable',
  configuration: 'another configuration',
  profile: 'no such profile',
} as const
export type Difference = keyof typeof differences

export type AttachAnswer =
  | { readonly kind: 'attached'; readonly socket: Socket }
  /** It runs, and is not for this client. */
  | { readonly kind: 'refused'; readonly difference: Difference; readonly detail: string | undefined }
  /** It cannot be trusted, or does not answer. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nobody is there. */
  | { readonly kind: 'gone' }

/** An instance whose main thread is loading models answers late. */
const answerMs = 20_000

/**
 * Asks an instance to take this client. Nothing is told before the instance has proved that it knows the secret of its record.
 *
 * @param env where the values of the variables are found that the configuration names; only digests of them are sent.
 */
export async function attach(
  { address, secret }: Pick<InstanceRecord, 'address' | 'secret'>,
  request: AttachRequest,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AttachAnswer> {
  try {
    checkAddress(address)
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isGone ? { kind: 'gone' } : { kind: 'failed', reason: (error as Error).message }
  }
  const socket = await open(address)
  if (socket === undefined) return { kind: 'gone' }
  const talk = converse(socket, { timeoutMs: answerMs })
  const answer = await ask(talk, secret, request, env).catch((error: Error): AttachAnswer => ({ kind: 'failed', reason: error.message }))
  talk.release()
  if (answer.kind !== 'asked') socket.destroy()
  return answer.kind === 'asked' ? { kind: 'attached', socket } : answer
}

async function ask(
  talk: Conversation,
  secret: string,
  request: AttachRequest,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AttachAnswer | { kind: 'asked' }> {
  const own = createNonce()
  talk.say({ nonce: own })
  const hello = await talk.next()
  const nonces: Nonces = { client: own, instance: String(hello['nonce']) }
  if (!isSame(hello['proof'], proofOf('instance', secret, nonces))) throw new Error('it does not know the secret of its record')
  talk.say({ proof: proofOf('client', secret, nonces), request })

  let answer = await talk.next()
  const { variables } = answer
  if (Array.isArray(variables)) {
    talk.say({ values: variables.map((name) => digestOf(String(name), env, secret, nonces)) })
    answer = await talk.next()
  }
  if (answer['attached'] === true) return { kind: 'asked' }
  const difference = String(answer['refused'])
  if (!Object.hasOwn(differences, difference)) throw new Error('it refused without a reason')
  return { kind: 'refused', difference: difference as Difference, detail: answer['detail'] as string | undefined }
}

function open(address: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: address, allowHalfOpen: true })
    socket.once('connect', () => resolve(socket))
    // Later errors are the conversation's, and the relay's.
    socket.on('error', () => resolve(undefined))
  })
}
