/** What an embedder reads as one text without losing its end. */
const tokensPerPiece = 200

/** Where a text may be cut, best first: between paragraphs, lines, sentences, words. */
const seams = [/\n\s*\n/g, /\n/g, /[.!?。!?]["')\]]*\s*/g, /\s+/g]

/** A cut may make a piece this much shorter than allowed to fall on a seam. */
const leeway = 0.5

/**
 * Cuts a text into pieces of about 200 tokens, at seams where there are any. Nothing is left out and nothing overlaps:
 * the pieces joined are the text, or its beginning when it has more than `maxPieces`.
 */
export function cutIntoPieces(
  text: string,
  { estimateTokens, maxPieces }: { estimateTokens: (text: string) => number; maxPieces: number },
): string[] {
  const tokens = estimateTokens(text)
  if (tokens <= tokensPerPiece) return text.trim() === '' ? [] : [text]

  const size = Math.max(1, Math.floor((text.length * tokensPerPiece) / tokens))
  const pieces: string[] = []
  let start = 0
  while (start < text.length && pieces.length < maxPieces) {
    const end = text.length - start <= size ? text.length : start + seamIn(text.slice(start, start + size))
    const piece = text.slice(start, end)
    const previous = pieces.at(-1)
    // White space alone is no piece of its own.
    if (piece.trim() === '' && previous !== undefined) pieces[pieces.length - 1] = previous + piece
    else pieces.push(piece)
    start = end
  }
  return pieces.filter((piece) => piece.trim() !== '')
}

/** The place of the last and best seam in the second half of a window, or its end. */
function seamIn(window: string): number {
  for (const seam of seams) {
    const last = [...window.matchAll(seam)].map((match) => match.index + match[0].length).findLast((place) => place <= window.length)
    if (last !== undefined && last >= window.length * leeway) return last
  }
  // A character of two code units is not cut in half.
  return window.length > 1 && /[\uD800-\uDBFF]$/.test(window) ? window.length - 1 : window.length
}
