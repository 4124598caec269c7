import type { ConsentClass } from '../consent-classes.ts'

/** Words of one language, as `compilePhrases` reads them. */
export interface Lexicon {
  readonly classes: Readonly<Partial<Record<ConsentClass, string>>>
  /** Labels that commit to whatever the dialog, the claim or the address is about: "Confirm", "OK". */
  readonly commits: string
  /** Labels that only go on: "Next". */
  readonly continues: string
  /** Beginnings after which nothing is done: "How to", "View". */
  readonly looks: string
  /** Things of the surface that a verb before them only names: "Send feedback filter". */
  readonly surfaces: string
  /** Collections that an ambiguous noun before them only names: "Order history". */
  readonly collections: string
  /** Verbs that mean what they say, whatever thing comes after them. */
  readonly firm?: string | undefined
  /** Fixed expressions with another meaning: "post code". */
  readonly others: string
  /** Names of what is switched on and off, for switches and boxes that carry only a noun. */
  readonly switches?: Readonly<Partial<Record<ConsentClass, string>>> | undefined
}
