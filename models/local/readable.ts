const visible = /[^\s\p{C}\p{Mn}�]/u

/**
 * Refuses texts of which nothing reaches a model: white space, invisible characters and lone marks only. Models give such a
 * text a vector that looks valid and is near to others for no reason.
 *
 * @throws {RangeError} Naming the first such text by its index.
 */
export function requireReadable(texts: readonly string[]): void {
  for (const [index, text] of texts.entries()) {
    if (!visible.test(text)) throw new RangeError(`Cannot embed text ${index}: it must have at least one visible character`)
  }
}
