import type { Trust } from './store.ts'

/** What a text says of somebody or something, as one value of one relation. */
export interface Statement {
  /** `user` for the caller, `we` for what belongs to several, else a name or a thing in lower case. */
  readonly subject: string
  /** In lower case: `lives in`, `phone number`, `uses for builds`. `anyRelation` where only the value is known. */
  readonly relation: string
  readonly value: string
  /** Epoch milliseconds: the time that the text names, else its own. */
  readonly validFrom: number
  /** Whether it says that the value holds no longer. */
  readonly ends?: boolean | undefined
  /** Whether other values may hold beside it, so that a newer one ends nothing. */
  readonly many?: boolean | undefined
  /** The model that read it out of the text; patterns did where there is none. */
  readonly by?: string | undefined
}

/** As the store has it, with what later ones make of it. */
export interface HeldStatement extends Statement {
  /** Of the document that says so. */
  readonly document: string
  readonly trust: Trust
  /** From when another value holds, or none. */
  readonly validTo?: number | undefined
  /** Of the document that says so. */
  readonly endedBy?: string | undefined
}

export const anyRelation = '*'
