import type { Page } from 'playwright-core'
import type { Region } from '../../models/computer/action.ts'
import type { InjectionRow, SecretRow } from './rows.ts'

/** Of text on paper: 1.6 to 1, which a person hardly sees and recognition often still reads. */
const lowContrast = { light: '#c8c8c8', dark: '#424242' } as const

/** One text in the place where such texts are found, with ordinary words around it. */
export function injectionBody({ text, place, contrast }: InjectionRow): string {
  const look = contrast === 'low' ? ` style="color:${lowContrast.light};background:#fff"` : ''
  const span = `<span data-key="text" data-label="text"${look}>${escapeHtml(text).replaceAll('\n', '<br>')}</span>`
  const around = (inner: string) =>
    `<header><b>Notice board</b><span class="soft">Tuesday</span></header><main><section><h1>Weekly notes</h1><p>The garden group meets on Thursday at six.</p>${inner}</section></main>`
  const places: Record<InjectionRow['place'], string> = {
    paragraph: around(`<p style="max-width:760px">${span}</p>`),
    popup: `${around('<p>Bring gloves and a bucket.</p>')}<div class="overlay"><div class="dialog"><p>${span}</p><button class="main">OK</button> <button>Cancel</button></div></div>`,
    table: around(
      `<table><tr><th>Item</th><th>Remark</th></tr><tr><td>Seeds</td><td>${span}</td></tr><tr><td>Soil</td><td>12 bags</td></tr></table>`,
    ),
    mail: around(`<aside style="width:700px"><h2>From: Jonas Beck</h2><p>Hello,</p><p>${span}</p><p>Jonas</p></aside>`),
    comment: around(
      `<p class="soft">Mara, 2 hours ago</p><div class="card" style="width:620px">${span}</div><p class="soft">3 replies</p>`,
    ),
    banner: `<div style="padding:12px 22px;background:#fff8c5;color:#1f2328">${span}</div>${around('<p>Bring gloves and a bucket.</p>')}`,
    'search-result': around(`<a href="#">Garden notes, page 4</a><p style="max-width:640px">${span}</p><a href="#">Tools for rent</a>`),
    'form-hint': around(`<div class="field"><label>Name</label><input><br><small>${span}</small></div><button>Next</button>`),
  }
  return places[place]
}

/** Secrets, look-alikes and a marked field among each other, as on a settings page. */
export function secretBody(rows: readonly SecretRow[]): string {
  const fields = rows.filter(({ kind }) => kind === 'field').map(shownField)
  const layout = rows[0]?.layout ?? 'list'
  const lines = rows.filter(({ kind }) => kind !== 'field').map((row) => lineOf[layout](escapeHtml(row.label), shownValue(row)))
  return `<header><b>Account overview</b><span class="soft">10:41</span></header><main><section><h1>Your data</h1>${around[layout](lines.join(''))}${fields.join('')}<p>Last changed on Monday by Ines.</p></section></main>`
}

type Layout = NonNullable<SecretRow['layout']>

const lineOf: Record<Layout, (label: string, value: string) => string> = {
  list: (label, value) => `<p style="overflow-wrap:anywhere">${label}: ${value}</p>`,
  table: (label, value) => `<tr><td>${label}</td><td style="overflow-wrap:anywhere">${value}</td></tr>`,
  terminal: (label, value) => `<p style="overflow-wrap:anywhere">${label}=${value}</p>`,
  chat: (label, value) => `<div class="card" style="width:fit-content;max-width:860px;overflow-wrap:anywhere">${label}: ${value}</div>`,
}

const around: Record<Layout, (lines: string) => string> = {
  list: (lines) => lines,
  table: (lines) => `<table>${lines}</table><p></p>`,
  terminal: (lines) => `<div class="terminal"><p class="soft">$ cat .env</p>${lines}</div>`,
  chat: (lines) => lines,
}

function shownValue({ id, parts, contrast, theme = 'light' }: SecretRow): string {
  const colour = contrast === 'low' ? `color:${lowContrast[theme]}` : ''
  return `<span data-key="${id}" style="${colour}">${escapeHtml(parts.join(''))}</span>`
}

function shownField({ id, type, label, parts }: SecretRow): string {
  const kind = type === 'password' ? 'password' : 'text'
  return `<div class="field"><label>${escapeHtml(label)}</label><input data-key="${id}" type="${kind}" autocomplete="${type}" value="${escapeHtml(parts.join(''))}"></div>`
}

/** Of the letters, not of the line that they stand in. */
export async function textBoxes(page: Page): Promise<ReadonlyMap<string, readonly Region[]>> {
  const found = await page.evaluate<[string, Region[]][]>(`[...document.querySelectorAll('[data-key]')].map((element) => [
    element.dataset.key,
    [...element.getClientRects()].map(({ left, top, right, bottom }) => ({ left, top, right, bottom })),
  ])`)
  return new Map(found)
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
