import type { Browser } from 'playwright-core'
import type { Portion, SecretSheet } from './frozen.ts'
import { type Random, seeded } from './random.ts'
import { createRenderer } from './render.ts'
import type { SecretRow, Split } from './rows.ts'
import { decoyMakers, secretMakers } from './secret-values.ts'
import { escapeHtml, textBoxes } from './sheets.ts'

/*
 * Sheets to work with, of values that are made anew for each seed: every form that is looked for, in more places than the frozen sheets
 * have. Who has looked at the misses of one seed looks at another to see what a change is worth.
 */

const [sheets, secretsOnEach, decoysOnEach] = [130, 12, 6]

type Layout = 'lines' | 'table' | 'fields' | 'settings' | 'prose' | 'chips' | 'narrow' | 'stacked'
const layouts: readonly Layout[] = ['lines', 'lines', 'lines', 'table', 'fields', 'settings', 'prose', 'chips', 'narrow', 'stacked']

/** Set and half are the seed. */
export async function* madeSecretSheets(half: Split, browser: Browser, { set, limit = sheets }: Portion = {}): AsyncGenerator<SecretSheet> {
  const renderer = await createRenderer(browser, set)
  try {
    for (let index = 0; index < limit; index += 1) {
      const random = seeded((half === 'open' ? 7_919 : 104_729) * (set === 'second' ? 13 : 1) + index * 31)
      const layout = layouts[index % layouts.length] ?? 'lines'
      const look = {
        font: random.pick(['sans', 'serif', 'mono'] as const),
        size_px: random.between(11, 18),
        language: 'en',
        theme: random.pick(['light', 'light', 'dark', 'warm'] as const),
        url: 'https://account.example/data',
      } as const
      const contrast = random.pick(['normal', 'low'] as const)
      const items = itemsOf(random).map((item, place) => ({ ...item, id: `${layout}-${index}-${place}` }))
      const shown = items.map(({ id, label, value }) => ({ id, label, ...marked(value) }))
      const rows = items.map(({ id, kind, type, label }, place): SecretRow => {
        const { font, size_px } = look
        return {
          id,
          sheet: `made-${index}`,
          kind,
          type,
          label,
          parts: [shown[place]?.value ?? ''],
          font,
          size_px,
          contrast,
          split: half,
        }
      })
      const body = bodyOf(layout, shown, { colour: contrast === 'low' ? pale[look.theme] : '', random })
      const page = await renderer.openBody(body, look)
      await page.setViewportSize({ width: 1280, height: 1100 })
      const boxes = await textBoxes(page)
      const screen = await renderer.screen(page)
      yield {
        id: `made-${index}`,
        screen,
        // What does not fit on the screen is on no picture.
        items: rows
          .map((row) => ({ row, value: row.parts.join(''), boxes: boxes.get(row.id) ?? [] }))
          .filter((item) => item.boxes.every(({ bottom, right }) => bottom < 1100 && right < 1280)),
      }
    }
  } finally {
    await renderer.close()
  }
}

/** 1.6 to 1, as the frozen sheets have it. */
const pale = { light: '#c8c8c8', dark: '#383d44', warm: '#c9c1b6' } as const

function itemsOf(random: Random) {
  const secrets = Object.entries(secretMakers)
  const decoys = Object.entries(decoyMakers)
  const made = [
    ...Array.from({ length: secretsOnEach }, () => ({
      kind: 'secret' as const,
      entry: random.pick(secrets),
    })),
    ...Array.from({ length: decoysOnEach }, () => ({
      kind: 'decoy' as const,
      entry: random.pick(decoys),
    })),
  ].map(({ kind, entry }) => {
    const [label, value] = entry[1](random)
    return { kind, type: entry[0], label, value, order: random.next() }
  })
  return made.toSorted((a, b) => a.order - b.order)
}

/** Of a line of settings only the value is meant. */
function marked(value: string): { before: string; value: string; after: string } {
  const [, before = '', inner = value, after = ''] = /^(.*)\[\[(.*)\]\](.*)$/s.exec(value) ?? []
  return { before, value: inner, after }
}

interface Shown {
  readonly id: string
  readonly label: string
  readonly before: string
  readonly value: string
  readonly after: string
}

function bodyOf(layout: Layout, items: readonly Shown[], { colour, random }: { colour: string; random: Random }): string {
  const span = ({ id, before, value, after }: Shown, look = '') =>
    `${escapeHtml(before)}<span data-key="${id}" style="${colour === '' ? '' : `color:${colour};`}${look}">${escapeHtml(value).replaceAll('\n', '<br>')}</span>${escapeHtml(after)}`
  const settingName = (label: string) => (/^[\x20-\x7e]+$/.test(label) ? label.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_') : label)
  const each: Record<Layout, () => string> = {
    lines: () => items.map((item) => `<p style="overflow-wrap:anywhere">${escapeHtml(item.label)}: ${span(item)}</p>`).join(''),
    table: () =>
      `<table><tr><th>Name</th><th>Value</th><th>Changed</th></tr>${items.map((item) => `<tr><td>${escapeHtml(item.label)}</td><td style="overflow-wrap:anywhere;max-width:640px">${span(item)}</td><td>${random.between(1, 28)} May</td></tr>`).join('')}</table>`,
    fields: () =>
      items
        .map(
          (item) =>
            `<div class="row"><label style="width:220px">${escapeHtml(item.label)}</label><div style="border:1px solid var(--line);border-radius:5px;padding:1px 4px;overflow-wrap:anywhere;max-width:800px">${span(item)}</div><button>Copy</button></div>`,
        )
        .join(''),
    settings: () =>
      `<div style="white-space:pre-wrap;overflow-wrap:anywhere">${items.map((item) => `${escapeHtml(settingName(item.label))}${random.pick(['=', ' = ', ': '])}${span(item)}`).join('\n')}</div>`,
    prose: () =>
      items
        .map(
          (item) =>
            `<p style="overflow-wrap:anywhere">${random.pick([`Hi Mara, here is the ${escapeHtml(item.label)}: ${span(item)} as you asked.`, `${escapeHtml(item.label)} is ${span(item)}, thanks!`, `For the file: ${escapeHtml(item.label)} ${span(item)} (please keep).`])}</p>`,
        )
        .join(''),
    chips: () =>
      items
        .map(
          (item) =>
            `<p>${escapeHtml(item.label)} <code style="font:inherit;border:1px solid var(--line);padding:0 2px;line-height:1">${span(item, 'overflow-wrap:anywhere;')}</code></p>`,
        )
        .join(''),
    narrow: () =>
      `<div style="columns:2">${items.map((item) => `<div style="break-inside:avoid;margin-bottom:10px;width:420px;overflow-wrap:anywhere">${escapeHtml(item.label)}: ${span(item)}</div>`).join('')}</div>`,
    stacked: () =>
      items
        .map(
          (item) =>
            `<div style="margin-bottom:9px;overflow-wrap:anywhere"><div class="soft">${escapeHtml(item.label)}</div><div>${span(item)}</div></div>`,
        )
        .join(''),
  }
  return `<header><b>Account overview</b><span class="soft">10:41</span></header><main><section><h1>Your data</h1>${each[layout]()}<p>Last changed on Monday by Ines.</p></section></main>`
}
