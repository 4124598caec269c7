import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What both sides of a new connection have drawn: an answer that was heard once is of no use again. */
export interface Nonces {
  readonly client: string
  readonly instance: string
}

export function createNonce(): string {
  return randomBytes(32).toString('base64url')
}

/** Shows that a side knows the secret, without showing the secret. Each side has its own proof: none can be sent back as the other. */
export function proofOf(side: 'client' | 'instance', secret: string, nonces: Nonces): string {
  return keyed(secret, [`signalbox ${side}`, nonces.client, nonces.instance])
}

/** Lets both sides compare the value of a variable that may be a secret, which does not travel. Unset and empty differ. */
export function digestOf(name: string, env: Readonly<Record<string, string | undefined>>, secret: string, nonces: Nonces): string {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return keyed(secret, ['signalbox variable', nonces.client, nonces.instance, name, value === undefined ? 'unset' : `set ${value}`])
}

export function isSame(received: unknown, expected: string): boolean {
  if (typeof received !== 'string') return false
  const [left, right] = [Buffer.from(received), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function keyed(secret: string, parts: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')
}
