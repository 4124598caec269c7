import type { Taint } from '../models/taint.ts'

export const taintFields = {
  untrusted_read: 'bool',
  private_read: 'bool',
  can_send: 'bool',
  injected_read: 'bool',
  tracked: 'bool',
} as const

/** `tracked` says whether anybody kept account: without a thread nobody knows what was read before. */
export function taintValues(taint: Taint, tracked: boolean): Record<keyof typeof taintFields, boolean> {
  return {
    untrusted_read: taint.untrustedRead,
    private_read: taint.privateRead,
    can_send: taint.canSend,
    injected_read: taint.injectedRead === true,
    tracked,
  }
}

/** The flags that are set, by the names that conditions know. */
export function taintNames({ untrustedRead, privateRead, canSend, injectedRead }: Taint): string[] {
  const flags = { untrusted_read: untrustedRead, private_read: privateRead, can_send: canSend, injected_read: injectedRead }
  return Object.entries(flags).flatMap(([name, isSet]) => (isSet ? [name] : []))
}
