/** Turns text into the token ids of an uncased BERT vocabulary. */
export interface WordPiece {
  /**
   * Ids with `[CLS]` first and `[SEP]` last, at most `maxTokens` in all; what does not fit is left out.
   *
   * The rules are those of BERT's uncased tokenizer: NFC, control characters dropped, each CJK character on its own, lower case,
   * marks dropped, punctuation split off, then the longest piece that the vocabulary knows. A word of more than 100
   * characters, or with a part that no piece covers, is `[UNK]`.
   */
  encode(text: string, maxTokens?: number): number[]
}

/** What the shipped model reads at most, `[CLS]` and `[SEP]` included. */
export const maxSequenceTokens = 256

const maxWordCharacters = 100
const dropped = /[\p{C}�]/gu
const keptControls = /[\t\n\r]/g
const cjk =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu
const wordOrPunctuation = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu

/** `vocabulary` holds one piece an id, as the lines of `vocab.txt` do. */
export function createWordPiece(vocabulary: readonly string[]): WordPiece {
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]))
  const special = (piece: string) => {
    const id = ids.get(piece)
    if (id === undefined) throw new RangeError(`Cannot create a tokenizer: the vocabulary needs ${piece}`)
    return id
  }
  const unknown = special('[UNK]')
  const first = special('[CLS]')
  const last = special('[SEP]')
  const longestPiece = vocabulary.reduce((longest, piece) => Math.max(longest, piece.length), 0)

  const pieces = (word: string): number[] => {
    // UTF-16 units can only overestimate the characters, so the exact count is needed for long words alone.
    if (word.length > maxWordCharacters && [...word].length > maxWordCharacters) return [unknown]
    const found: number[] = []
    let start = 0
    while (start < word.length) {
      const prefix = start === 0 ? '' : '##'
      let end = Math.min(word.length, start + longestPiece)
      let id: number | undefined
      while (end > start) {
        id = ids.get(prefix + word.slice(start, end))
        if (id !== undefined) break
        end -= 1
      }
      if (id === undefined) return [unknown]
      found.push(id)
      start = end
    }
    return found
  }

  return {
    encode(text, maxTokens = maxSequenceTokens) {
      if (!Number.isInteger(maxTokens) || maxTokens < 2) {
        throw new RangeError(`Cannot encode text: maxTokens must be an integer >= 2, received ${maxTokens}`)
      }
      const encoded = [first]
      for (const [word] of normalise(text).matchAll(wordOrPunctuation)) {
        for (const id of pieces(word)) {
          if (encoded.length === maxTokens - 1) return [...encoded, last]
          encoded.push(id)
        }
      }
      return [...encoded, last]
    },
  }
}

function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replace(keptControls, ' ')
    .replace(dropped, '')
    .replace(cjk, ' $& ')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
}

// Names of two humps that people write as one word.
const oneWord =
  /GitHub|GitLab|YouTube|JavaScript|TypeScript|OpenAI|LinkedIn|PayPal|PostgreSQL|MySQL|MongoDB|GraphQL|DuckDuckGo|BigQuery|DevTools|OneDrive|SharePoint|HubSpot|WordPress|iOS|macOS/g

/**
 * The words of an identifier, in lower case: `getFileContents` and `read_file` become `get file contents` and `read file`.
 *
 * The tokenizer does not split identifiers, so `getFileContents` on its own becomes five pieces that mean nothing.
 */
export function identifiersToWords(identifier: string): string {
  return identifier
    .replace(oneWord, (name) => ` ${name.toLowerCase()} `)
    .replace(/[_\-./:\\]+/g, ' ')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})(?!(?<=\p{Lu}s)(?!\p{L}))/gu, '$1 $2')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
}
