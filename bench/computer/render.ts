import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import type { Region } from '../../models/computer/action.ts'
import { type FontName, fontFaces, fontFamily, fontFile, fontHost } from './fonts.ts'
import { type FrozenSet, folderOf } from './rows.ts'

export type Language = 'en' | 'de' | 'zh'

/** One of the pages of a set, in one of its looks. */
export interface PageLook {
  readonly page: string
  readonly language: Language
  readonly font: FontName
  readonly size_px: number
  readonly theme: 'light' | 'dark' | 'warm'
}

/** What stands on a page, as the DOM says it: exact, so that nobody has to label a picture. */
export interface PageBox {
  readonly key: string
  readonly role: string
  /** What a person reads on it or beside it; of an icon, what a person would call it. */
  readonly label: string
  readonly icon: boolean
  readonly fieldType: string | undefined
  readonly box: Region
}

export interface Screen {
  readonly png: Uint8Array
  readonly url: string
  readonly boxes: readonly PageBox[]
}

export interface Renderer {
  open(look: PageLook): Promise<Page>
  /** Any HTML, for texts and secrets. */
  openBody(body: string, look: Omit<PageLook, 'page'> & { readonly url: string }): Promise<Page>
  screen(page: Page): Promise<Screen>
  close(): Promise<void>
}

const viewport = { width: 1280, height: 800 }

/** Renders without any network: pages and fonts are answered from files. One page is used for all, so that it is quick. */
export async function createRenderer(browser: Browser, set: FrozenSet = 'first'): Promise<Renderer> {
  const pages = new URL(`pages/${folderOf[set]}`, import.meta.url)
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1, colorScheme: 'light', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const styles = `${fontFaces()}\n${readFileSync(new URL('base.css', pages), 'utf8')}`
  let html = ''
  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url())
    if (url.host === fontHost) {
      await route.fulfill({
        body: Buffer.from(fontFile(url.pathname)),
        contentType: 'font/woff2',
        headers: { 'access-control-allow-origin': '*' },
      })
    } else if (route.request().isNavigationRequest()) await route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
    else await route.fulfill({ status: 404, body: '' })
  })

  const openBody: Renderer['openBody'] = async (body, { language, font, size_px, theme, url }) => {
    const look = `--font: ${fontFamily(font)}; --size: ${size_px}px; --pad: ${Math.round(size_px * 0.7)}px`
    html = `<!doctype html><html lang="${language}" data-theme="${theme}" style="${look}"><meta charset="utf-8"><style>${styles}</style><body>${body}`
    await page.goto(url)
    await page.evaluate('document.fonts.ready')
    return page
  }

  return {
    openBody,
    open(look) {
      const source = readFileSync(new URL(`${look.page}.html`, pages), 'utf8')
      const url = /<!-- url: (\S+) -->/.exec(source)?.[1]
      if (url === undefined) throw new Error(`Cannot render page "${look.page}": its first line must name its url`)
      return openBody(inLanguage(source, look.language), { ...look, url })
    },
    async screen(opened) {
      return { png: await opened.screenshot({ animations: 'disabled', caret: 'initial' }), url: opened.url(), boxes: await boxesOf(opened) }
    },
    close: () => context.close(),
  }
}

/** `[[Send|Senden|发送]]`, in this order of languages. */
function inLanguage(source: string, language: Language): string {
  const index = ['en', 'de', 'zh'].indexOf(language)
  return source.replace(/\[\[(.*?)\]\]/g, (_, texts: string) => texts.split('|')[index] ?? '')
}

/** Runs in the page, as text: the compiler of this side knows no DOM. */
const readBoxes = `[...document.querySelectorAll('[data-key]')].map((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect()
  const tag = element.tagName.toLowerCase()
  const type = element.getAttribute('type') ?? undefined
  const role = element.getAttribute('role') ?? { a: 'link', select: 'combobox', textarea: 'textbox' }[tag] ?? (tag === 'input' ? (type === 'checkbox' ? 'checkbox' : 'textbox') : 'button')
  const icon = element.dataset.icon
  const beside = element.closest('.field, .row')?.querySelector('label')
  const label = icon ?? element.dataset.label ?? element.getAttribute('placeholder') ?? (tag === 'button' || tag === 'a' || tag === 'span' ? element.textContent : beside?.textContent) ?? ''
  return { key: element.dataset.key, role, label: label.trim(), icon: icon !== undefined, fieldType: tag === 'input' ? type ?? 'text' : undefined, box: { left, top, right, bottom } }
})`

async function boxesOf(page: Page): Promise<PageBox[]> {
  return page.evaluate<PageBox[]>(readBoxes)
}
