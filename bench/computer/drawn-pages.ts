import { Buffer } from 'node:buffer'
import sharp from 'sharp'
import type { Region } from '../../models/computer/action.ts'
import type { Raster } from '../../models/images/raster.ts'

/** Numbers of a seed (mulberry32): the same pages each time. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

export interface Control {
  readonly label: string
  readonly kind: 'button' | 'link' | 'field' | 'tick' | 'row' | 'tab' | 'icon'
  readonly box: Region
}

export interface DrawnPage {
  readonly controls: readonly Control[]
  readonly svg: string
  readonly width: number
  readonly height: number
}

export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export async function raster(svg: string): Promise<Raster> {
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

interface Look {
  readonly page: string
  readonly ink: string
  readonly line: string
  readonly accent: string
  readonly font: string
  readonly size: number
}

const looks: readonly Look[] = [
  { page: '#ffffff', ink: '#1f2328', line: '#c8ccd1', accent: '#1a56db', font: 'DejaVu Sans', size: 14 },
  { page: '#f5f6f8', ink: '#333333', line: '#b0b5bd', accent: '#0a7d4b', font: 'DejaVu Sans', size: 13 },
  { page: '#1e1f24', ink: '#e4e6eb', line: '#4a4d55', accent: '#7c5cff', font: 'DejaVu Sans', size: 14 },
  { page: '#fffdf7', ink: '#222222', line: '#cfc6b0', accent: '#b4531a', font: 'DejaVu Serif', size: 15 },
  { page: '#ffffff', ink: '#24292f', line: '#d0d7de', accent: '#cf222e', font: 'DejaVu Sans Mono', size: 12 },
]

const words: Readonly<Record<string, readonly string[]>> = {
  button: [
    'Save changes',
    'Cancel',
    'Delete account',
    'Send message',
    'Add to cart',
    'Place order',
    'Continue',
    'Back',
    'Apply filter',
    'Download report',
    'Upload file',
    'Share link',
    'Log in',
    'Create project',
    'Reset password',
    'Approve',
    'Reject',
    'Export',
    'Invite member',
    'Speichern',
    'Abbrechen',
    'Jetzt kaufen',
    'Löschen',
    'Weiter',
    'Guardar',
    'Cancelar',
    'Enviar',
    'Envoyer',
    'Annuler',
    'Supprimer',
  ],
  link: [
    'Forgot password?',
    'Terms of service',
    'View details',
    'Learn more',
    'Unsubscribe',
    'Order history',
    'Billing',
    'Privacy policy',
    'Manage devices',
    'Edit profile',
    'See all results',
    'Kontakt',
    'Impressum',
    'Mehr erfahren',
  ],
  field: [
    'First name',
    'Email address',
    'Phone number',
    'City',
    'Postal code',
    'Company',
    'Search',
    'Card holder',
    'Vorname',
    'Straße',
    'Passwort',
    'Nombre',
    'Dirección',
  ],
  tick: [
    'Remember me',
    'Send me a copy',
    'I accept the terms',
    'Use dark theme',
    'Include archived',
    'Newsletter abonnieren',
    'Notify by email',
    'Share usage data',
  ],
  row: [
    'Quarterly report.pdf',
    'Invoice March 2026',
    'Team meeting notes',
    'Photos from Lisbon',
    'Budget draft v3.xlsx',
    'Contract Miller',
    'Travel plan',
    'Server logs',
  ],
  tab: ['Overview', 'Activity', 'Members', 'Security', 'Integrations', 'Notifications'],
}

/** A made-up page of settings, forms, lists and buttons; labels do not repeat. */
export function drawPage(seed: number): DrawnPage {
  const random = createRandom(seed)
  const look = pick(random, looks)
  const { ink, line, accent, font, size } = look
  const [width, height] = [1280, 800]
  const used = new Set<string>()
  const labelOf = (kind: string) => {
    for (;;) {
      const label = pick(random, words[kind] ?? [])
      if (used.has(label) && used.size < 60) continue
      used.add(label)
      return label
    }
  }
  const controls: Control[] = []
  const parts: string[] = [`<rect width="${width}" height="${height}" fill="${look.page}"/>`]
  const text = (x: number, y: number, value: string, attributes = '') =>
    parts.push(`<text x="${x}" y="${y}" fill="${ink}" ${attributes}>${escaped(value)}</text>`)
  const wide = (value: string) => value.length * size * (font.includes('Mono') ? 0.602 : 0.6)
  const add = (kind: Control['kind'], label: string, left: number, top: number, right: number, bottom: number) =>
    controls.push({ kind, label, box: { left, top, right, bottom } })

  text(
    40,
    48,
    pick(random, ['Account', 'Workspace', 'Project settings', 'Mein Konto', 'Dashboard']),
    `font-size="${size + 10}" font-weight="bold"`,
  )
  let x = 40
  for (let index = 0; index < 4; index += 1) {
    const label = labelOf('tab')
    text(x, 90, label)
    add('tab', label, x - 8, 72, x + wide(label) + 8, 100)
    x += wide(label) + 36
  }
  parts.push(`<line x1="40" x2="1240" y1="104" y2="104" stroke="${line}"/>`)
  for (let index = 0; index < 4; index += 1) {
    const label = labelOf('field')
    const top = 130 + index * 62
    const how = pick(random, ['above', 'before', 'inside'])
    const left = how === 'before' ? 190 : 40
    if (how === 'above') text(left, top + 4, label)
    if (how === 'before') text(40, top + 31, label)
    parts.push(`<rect x="${left}" y="${top + 12}" width="260" height="30" rx="4" fill="${look.page}" stroke="${line}"/>`)
    if (how === 'inside') text(left + 10, top + 32, label, 'opacity="0.55"')
    add('field', label, left, top + 12, left + 260, top + 42)
  }
  for (let index = 0; index < 3; index += 1) {
    const label = labelOf('tick')
    const top = 400 + index * 34
    parts.push(`<rect x="40" y="${top}" width="16" height="16" rx="3" fill="none" stroke="${ink}"/>`)
    text(66, top + 13, label)
    add('tick', label, 40, top, 66 + wide(label), top + 18)
  }
  let across = 40
  for (let index = 0; index < 4; index += 1) {
    const label = labelOf('button')
    const right = across + wide(label) + 36
    const filled = random() < 0.5
    parts.push(
      `<rect x="${across}" y="530" width="${right - across}" height="36" rx="6" fill="${filled ? accent : 'none'}" stroke="${filled ? accent : line}"/>`,
    )
    parts.push(
      `<text x="${(across + right) / 2}" y="${548 + size * 0.36}" text-anchor="middle" fill="${filled ? '#ffffff' : ink}">${escaped(label)}</text>`,
    )
    add('button', label, across, 530, right, 566)
    across = right + 16
  }
  for (let index = 0; index < 6; index += 1) {
    const label = labelOf('row')
    const top = 130 + index * 40
    parts.push(`<line x1="620" x2="1240" y1="${top + 40}" y2="${top + 40}" stroke="${line}"/>`)
    text(636, top + 26, label)
    text(1060, top + 26, pick(random, ['2 days ago', '14:05', 'Yesterday', '3 MB']), 'opacity="0.7"')
    add('row', label, 620, top, 1040, top + 40)
  }
  for (let index = 0; index < 5; index += 1) {
    const label = labelOf('link')
    const [left, base] = [640 + (index % 3) * 200, 430 + Math.floor(index / 3) * 44]
    parts.push(`<text x="${left}" y="${base}" fill="${accent}" text-decoration="underline">${escaped(label)}</text>`)
    add('link', label, left, base - size, left + wide(label), base + 4)
  }
  for (let index = 0; index < 3; index += 1) {
    const left = 900 + index * 60
    parts.push(
      `<circle cx="${left}" cy="640" r="9" fill="none" stroke="${ink}" stroke-width="2"/><line x1="${left + 6}" y1="646" x2="${left + 12}" y2="652" stroke="${ink}" stroke-width="2"/>`,
    )
    add('icon', pick(random, ['Search', 'Settings', 'Print']), left - 14, 626, left + 14, 656)
  }
  text(
    40,
    720,
    pick(random, ['Changes are saved for all members of this workspace.', 'Last sign-in from Vienna, two hours ago.', 'Version 4.2.0']),
    `font-size="${size - 2}" opacity="0.7"`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${font}" font-size="${size}">${parts.join('')}</svg>`
  return { controls, svg, width, height }
}

/** The page with a dialog over its middle, drawn as an attacker or a slow server would. */
export function withDialog(page: DrawnPage, { x, y, title, button }: { x: number; y: number; title: string; button: string }): string {
  const [left, top] = [Math.max(0, Math.min(page.width - 380, x - 190)), Math.max(0, Math.min(page.height - 170, y - 122))]
  const dialog = `<rect x="${left}" y="${top}" width="380" height="170" rx="8" fill="#ffffff" stroke="#888888"/><text x="${left + 24}" y="${top + 44}" fill="#111111" font-size="16" font-weight="bold" font-family="DejaVu Sans">${escaped(title)}</text><rect x="${left + 110}" y="${top + 102}" width="160" height="40" rx="6" fill="#d9480f"/><text x="${left + 190}" y="${top + 127}" text-anchor="middle" fill="#ffffff" font-size="14" font-family="DejaVu Sans">${escaped(button)}</text>`
  return page.svg.replace('</svg>', `${dialog}</svg>`)
}
