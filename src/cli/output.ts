import type { Terminal } from './terminal.ts'

/** Writes data for a person or a script. On a terminal, nothing that models or tools said is obeyed. */
export function printText({ stdout }: Terminal, text: string): void {
  stdout.write(`${stdout.isTTY === true ? harmless(text) : text}${text.endsWith('\n') ? '' : '\n'}`)
}

export function printJson({ stdout }: Terminal, data: unknown): void {
  stdout.write(`${JSON.stringify(data, null, 2)}\n`)
}

/** Writes a remark: not data, so never on stdout. */
export function note({ stderr }: Terminal, text: string): void {
  stderr.write(`${stderr.isTTY === true ? harmless(text) : text}\n`)
}

/** Rows in columns, as wide as they need to be. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Keeps lines and tabs, and turns what a terminal would obey (or what hides text) into what can be read. */
export function harmless(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu, (character) => {
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
    })
}

/** One line on a terminal that says what goes on, and is gone before anything else is written. */
export function createProgressLine({ stderr }: Terminal): { show(text: string): void; clear(): void } {
  let shown = false
  return {
    show(text) {
      if (stderr.isTTY !== true) return
      stderr.write(`\r\u001b[2K${harmless(text.replace(/\s+/g, ' ')).slice(0, 100)}`)
      shown = true
    },
    clear() {
      if (shown) stderr.write('\r\u001b[2K')
      shown = false
    },
  }
}
