import { escapedPattern, type Placeholders, placeholderPattern } from './placeholders.ts'

/** A text with the values of its placeholders; those that nobody gave stay as they are. */
export function restoreText(text: string, placeholders: Placeholders, { asJson = false }: RestoreOptions = {}): string {
  // In JSON a backslash is a sign of the format.
  return text.replace(asJson ? placeholderPattern : escapedPattern, (found) => {
    const value = placeholders.valueOf(found)
    if (value === undefined) return found
    return asJson ? JSON.stringify(value).slice(1, -1) : value
  })
}

export interface RestoreOptions {
  /** The text is one of JSON, in which values are written with its escapes. */
  readonly asJson?: boolean | undefined
}

/** The same in all texts of a value of JSON, names of fields included. */
export function restoreJson<Value>(value: Value, placeholders: Placeholders): Value {
  return mapTexts(value, (text) => restoreText(text, placeholders)) as Value
}

/** Each text in a value of JSON. Names of fields that are plain words are those of a schema, and stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [/^[A-Za-z_$-]+$/.test(name) ? name : change(name), mapTexts(one, change)]),
  )
}

/** Restores a text that comes in pieces: only what may be the beginning of a placeholder is held back. */
export interface Restorer {
  push(piece: string): string
  /** What was held back, when no more comes. */
  end(): string
}

const open = /\\?(?:\[(?:[A-Z](?:[A-Z0-9_]|\\_)*\\?)?)?$/

export function createRestorer(placeholders: Placeholders, options?: RestoreOptions): Restorer {
  let held = ''
  const restore = (text: string) => restoreText(text, placeholders, options)
  return {
    push(piece) {
      const text = held + piece
      const begun = open.exec(text.slice(-2 * placeholders.longest))
      held = begun?.[0] ?? ''
      return restore(text.slice(0, text.length - held.length))
    },
    end() {
      const rest = restore(held)
      held = ''
      return rest
    },
  }
}
