import { findSecrets } from '../../models/local/detect/index.ts'
import { siteOf } from '../../tools/computer/guard/domain.ts'
import type { PastStep } from '../../tools/computer/guard/loop.ts'
import { findOrders, type PageOrder } from '../../tools/computer/guard/page-orders.ts'
import { marksOf, type ReadValue } from '../../tools/computer/guard/taint.ts'
import { type PageSnapshot, parsePageSnapshot } from '../../tools/computer/page-snapshot.ts'

/** What one piece of work has seen in a hosted browser. */
export interface BrowserSession {
  /** The page as the agent has seen it last. */
  seen(): PageSnapshot | undefined
  /** Where the browser was last told to be. */
  url(): string | undefined
  /** Where it was meant to be: a page of another site was reached by no choice of the agent's. */
  meant(): string | undefined
  /** `undefined` after a way back: wherever that leads is meant. */
  means(url: string | undefined): void
  hasRead(): boolean
  /** Secrets that were read on other sites. */
  readElsewhere(url: string | undefined): readonly ReadValue[]
  typed(): readonly string[]
  types(text: string): void
  /** Calls that did something, oldest first, each with the page that it was done on. */
  past(): readonly PastStep[]
  does(step: PastStep): void
  orders(): readonly PageOrder[]
  /** What the dialog asks that keeps the page waiting, as far as the last result has told. */
  dialog(): string | undefined
  /** Takes in what a result has told. */
  take(text: string): Promise<void>
}

const most = 30

export function createBrowserSession(): BrowserSession {
  let seen: PageSnapshot | undefined
  let url: string | undefined
  let meant: string | undefined
  let hasRead = false
  let typed: string[] = []
  let past: PastStep[] = []
  let secrets: { readonly site: string; readonly value: ReadValue }[] = []
  let orders: PageOrder[] = []
  let dialog: string | undefined
  return {
    seen: () => seen,
    url: () => url,
    meant: () => meant,
    means(next) {
      meant = next
    },
    hasRead: () => hasRead,
    readElsewhere: (here) => secrets.filter(({ site }) => here === undefined || site !== siteOf(here)).map(({ value }) => value),
    typed: () => typed,
    types(text) {
      typed = [...typed, text].slice(-most)
    },
    past: () => past,
    does(step) {
      past = [...past, step].slice(-most)
    },
    orders: () => orders,
    dialog: () => dialog,
    async take(text) {
      if (text.trim() === '') return
      hasRead = true
      dialog = /dialog with message "(.*)"/.exec(text)?.[1] ?? /^(?:alert|confirm|prompt|beforeunload): (.*)$/m.exec(text)?.[1]
      const page = parsePageSnapshot(text)
      if (page.url !== undefined) {
        if (page.url !== url) typed = []
        url = page.url
        meant ??= page.url
        if (page.nodes.length > 0) seen = page
      }
      const host = (url === undefined ? undefined : URL.parse(url)?.host) ?? 'a page'
      const found = (await findOrders(text, host)).filter((one) => !orders.some((other) => other.text === one.text))
      orders = [...orders, ...found].slice(-most)
      const values = findSecrets(text).findings.filter(({ kind, group }) => group === 'secret' || /^(?:card|iban|us-ssn)$/.test(kind))
      const marks = new Set(values.flatMap(({ start, end }) => [...marksOf(text.slice(start, end))]))
      if (marks.size === 0) return
      const value: ReadValue = { source: `the page of ${host}`, kind: 'private', marks }
      secrets = [...secrets, { site: url === undefined ? '' : siteOf(url), value }].slice(-most)
    },
  }
}
