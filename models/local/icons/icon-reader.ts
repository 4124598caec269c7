/** What a drawing without letters is read as. */
export interface IconReading {
  /** One of the network's names: `delete`, `settings`, `send`. */
  readonly meaning: string
  /** 0 to 1: how often what is said with this much is right, on sets of icons that were not learnt from. */
  readonly confidence: number
}

/** Names drawings of user interfaces, off the event loop. */
export interface IconReader {
  /**
   * @param inks What may be the drawing, each `signSide` rows of as many values, 0 for paper. The one that is read most surely counts.
   * @returns Nothing where each is likelier to be none of the drawings that have a name.
   * @throws {OcrError} If the worker cannot start or dies.
   */
  read(inks: readonly Uint8Array[], options?: { signal?: AbortSignal | undefined }): Promise<IconReading | undefined>
  close(): Promise<void>
}
