import type { ComponentChildren } from 'preact'
import type { Loaded } from './use.ts'

/** What every view is made of. Text of others goes in as children, and is text. */

export function Card({
  title,
  id,
  aside,
  children,
}: {
  title: string
  id?: string
  aside?: ComponentChildren
  children: ComponentChildren
}) {
  const heading = `${id ?? title.toLowerCase().replaceAll(/\W+/g, '-')}-title`
  return (
    <section class="card" id={id} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Until the answer is there, or why it is not. */
export function Pending<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (loaded.data !== undefined) return <>{children(loaded.data)}</>
  if (loaded.error === undefined)
    return (
      <p class="quiet" aria-busy="true">
        Loading…
      </p>
    )
  return (
    <p class="failed" role="alert">
      {loaded.error}{' '}
      <button type="button" onClick={loaded.reload}>
        Try again
      </button>
    </p>
  )
}

export function Failure({ error }: { error: string | undefined }) {
  return error === undefined ? null : (
    <p class="failed" role="alert">
      {error}
    </p>
  )
}

/** A table that a phone can scroll sideways, and a keyboard too. */
export function Table({ label, head, children }: { label: string; head: readonly string[]; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

/** A share as a bar; the number stands beside it, so that nobody has to see the bar. */
export function Bar({ share, kind }: { share: number; kind?: string }) {
  const width = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100
  return (
    <svg class={`bar ${kind ?? ''}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="6" rx="2" />
      <rect class="bar-value" width={width} height="6" rx="2" />
    </svg>
  )
}

export function Tag({ kind, children }: { kind?: string | undefined; children: ComponentChildren }) {
  return <span class={`tag ${kind ?? ''}`}>{children}</span>
}

/** Names with their values. */
export function Facts({ of }: { of: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Whatever somebody else wrote. */
export function Quoted({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="quoted" aria-label={label} tabIndex={0}>
      {text}
    </section>
  )
}

const kinds = { '+': 'added', '-': 'removed' } as const

/** Lines that begin with what became of them. */
export function Difference({ label, lines }: { label: string; lines: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="quoted" aria-label={label} tabIndex={0}>
      {lines.split('\n').map((line, place) => {
        const kind = line.startsWith('+') || line.startsWith('-') ? kinds[line[0] as '+' | '-'] : undefined
        return (
          <div class={kind} key={`${place} ${line}`}>
            {kind === undefined ? null : <span class="unseen">{kind}: </span>}
            {line === '' ? ' ' : line}
          </div>
        )
      })}
    </section>
  )
}

/** Before what cannot be taken back. */
export function Sure({ question, children }: { question: string; children: ComponentChildren }) {
  return (
    <span class="actions" role="alert">
      {question} {children}
    </span>
  )
}
