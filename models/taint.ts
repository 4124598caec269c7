/** What has come into a thread, and what may go out of it. Once there, it stays: nobody can tell what a text has led to. */
export interface Taint {
  /** Something was read that strangers may have written. */
  readonly untrustedRead: boolean
  /** Something was read that is nobody else's business. */
  readonly privateRead: boolean
  /** A tool was used that is not known to stay inside. */
  readonly canSend: boolean
  /** Something was read that gives orders to the model, as far as the scan of results can tell. Only there when it is so. */
  readonly injectedRead?: true | undefined
}

export const noTaint: Taint = Object.freeze({ untrustedRead: false, privateRead: false, canSend: false })

export function joinTaint(...all: readonly Taint[]): Taint {
  return {
    untrustedRead: all.some((one) => one.untrustedRead),
    privateRead: all.some((one) => one.privateRead),
    canSend: all.some((one) => one.canSend),
    ...(all.some((one) => one.injectedRead === true) && { injectedRead: true as const }),
  }
}
