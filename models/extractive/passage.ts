import type { Word } from './words.ts'

/** A sentence that may be quoted, with how well it answers. */
export interface Passage {
  readonly source: string
  readonly text: string
  /** In the order of the sources. */
  readonly position: number
  /** Among the others of the same question. */
  readonly score: number
  /** 0–1, whatever the others are: how much of what the question tells is in it, or how near its meaning is. */
  readonly fit: number
}

export interface Selection {
  /** From the best to the worst; those that share neither a word nor a meaning with the question are left out. */
  readonly passages: readonly Passage[]
  /** Whether the best of them can be an answer at all. */
  readonly fits: boolean
}

/** A sentence before it is judged. */
export interface Candidate {
  readonly source: string
  readonly text: string
  readonly position: number
  readonly words: readonly Word[]
}
