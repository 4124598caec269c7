export function usd(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return 'unknown'
  if (amount === 0) return '$0'
  const digits = Math.abs(amount) >= 1 ? 2 : Math.abs(amount) >= 0.01 ? 4 : 6
  return `${amount < 0 ? '−' : ''}$${Math.abs(amount).toFixed(digits)}`
}

export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value < 10) return `${value.toFixed(value < 1 ? 2 : 1)} ms`
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`
}

const whole = new Intl.NumberFormat('en')
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : whole.format(value)
}

export function plural(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayAndTime = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
export function time(at: number): string {
  return new Date(at).toDateString() === new Date().toDateString() ? timeOfDay.format(at) : dayAndTime.format(at)
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}

/** A value of any kind, as a person reads it. */
export function shown(value: unknown): string {
  if (value === '') return '(empty)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A caller as it fits into a line. */
export function caller(principal: string): string {
  return principal.length > 20 ? `${principal.slice(0, 14)}…` : principal
}

/** What cannot be seen in a text that others wrote, made visible: a person who decides on it has to see what a model reads. */
export function visible(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Co}\u2800]/gu,
    (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`,
  )
}
