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
export interface ProgressLine {
  show(text: string): void
  /** How much is done, how fast that goes, and how long the rest takes. Without `all` nobody knows how much there is. */
  count(done: number, all: number | undefined, things: string): void
  clear(): void
}

export function createProgressLine({ stderr }: Terminal, now: () => number = () => performance.now()): ProgressLine {
  const startedAt = now()
  let shown = false
  const line: ProgressLine = {
    show(text) {
      if (stderr.isTTY !== true) return
      stderr.write(`\r\u001b[2K${harmless(text.replace(/\s+/g, ' ')).slice(0, 100)}`)
      shown = true
    },
    count: (done, all, things) => line.show(pace(done, all, things, now() - startedAt)),
    clear() {
      if (shown) stderr.write('\r\u001b[2K')
      shown = false
    },
  }
  return line
}

function pace(done: number, all: number | undefined, things: string, elapsedMs: number): string {
  const told = `${all === undefined ? done : `${done} of ${all}`} ${things}`
  const perSecond = elapsedMs === 0 ? 0 : (done / elapsedMs) * 1000
  if (perSecond === 0) return told
  const rate = perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1)
  return `${told}, ${rate} a second${all === undefined ? '' : `, ${Math.ceil((all - done) / perSecond)} s left`}`
}
