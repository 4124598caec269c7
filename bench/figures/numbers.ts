/** A number as documents and programs write it, with how many digits stand behind its point. */
export interface WrittenNumber {
  readonly value: number
  readonly decimals: number
}

/** What stands for itself: `.637`, `1,430`, `-1.5`, `97 %`. Digits of a name (`BM25`, `R@5`, `gpt-4`) are none. */
const written = /(?<![\p{L}\d.,@_-])-?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)/gu

export function numbersIn(text: string): WrittenNumber[] {
  return [...text.matchAll(written)].map(([found]) => ({
    value: Number(found.replaceAll(',', '')),
    decimals: found.split('.')[1]?.length ?? 0,
  }))
}
