/** Whether a text is a page or a piece of one, and not a text that mentions a tag. */
export function isHtml(text: string): boolean {
  const head = text.slice(0, 2000).trimStart().toLowerCase()
  if (/^(<\?xml[^>]*>\s*)?(<!--[\s\S]{0,500}?-->\s*)?(<!doctype html|<html|<head|<body)/.test(head)) return true
  return /^<(div|main|article|section|table|ul|ol|p|h1|header|nav)[\s>]/.test(head) && text.trimEnd().endsWith('>')
}

const unseen = new Set(['script', 'style', 'head', 'noscript', 'template', 'svg', 'iframe', 'object'])
const breaking = new Set(
  'address article aside blockquote body br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
)
const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  mdash: '—',
  ndash: '–',
  hellip: '…',
}

/** The text that a page shows, a line for each block, with its title, headings, list items, cells, links and the words for its images. */
export function htmlToText(html: string): string {
  const out: string[] = []
  const links: string[] = []
  let at = 0
  const title = /<title[^>]*>([^<]{1,300})/i.exec(html.slice(0, 20_000))?.[1]
  if (title !== undefined) out.push(`# ${decoded(title).trim()}\n`)
  while (at < html.length) {
    const open = html.indexOf('<', at)
    out.push(decoded(html.slice(at, open === -1 ? undefined : open)).replace(/\s+/g, ' '))
    if (open === -1) break
    if (html.startsWith('<!--', open)) {
      at = after(html, '-->', open + 4)
      continue
    }
    const name = /^<\/?([a-z][a-z0-9]*)/i.exec(html.slice(open, open + 30))?.[1]?.toLowerCase()
    if (name === undefined && !/^<[!?/]/.test(html.slice(open, open + 2))) {
      out.push('<')
      at = open + 1
      continue
    }
    at = tagEnd(html, open)
    const tag = html.slice(open, Math.min(at, open + 4000))
    if (name === undefined) continue
    if (tag[1] === '/') out.push(closing(name, links))
    else if (unseen.has(name) && !tag.endsWith('/>')) at = afterElement(html, name, at)
    else out.push(opening(name, tag, links))
  }
  return out
    .join('')
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .filter((line, index, lines) => line !== '' && line !== '-' && line !== '|' && !(line === lines[index - 1]))
    .join('\n')
}

function opening(name: string, tag: string, links: string[]): string {
  if (name === 'a') {
    links.push(attribute(tag, 'href'))
    return ''
  }
  if (name === 'img') {
    const words = attribute(tag, 'alt')
    return words === '' ? '' : `[${words}]`
  }
  if (/^h[1-6]$/.test(name)) return `\n${'#'.repeat(Number(name[1]))} `
  if (name === 'li') return '\n- '
  if (name === 'td' || name === 'th') return ' | '
  return breaking.has(name) ? '\n' : ''
}

function closing(name: string, links: string[]): string {
  if (name === 'a') {
    const link = links.pop() ?? ''
    return link === '' || link.startsWith('#') || /^javascript:/i.test(link) ? '' : ` (${link})`
  }
  return breaking.has(name) ? '\n' : ''
}

/** Past the tag, whose attributes may hold the sign that ends it. */
function tagEnd(html: string, open: number): number {
  let quote = ''
  for (let at = open + 1; at < Math.min(html.length, open + 4000); at += 1) {
    const sign = html[at] as string
    if (quote !== '') {
      if (sign === quote) quote = ''
    } else if (sign === '>') return at + 1
    else if ((sign === '"' || sign === "'") && html[at - 1] === '=') quote = sign
  }
  return after(html, '>', open)
}

function afterElement(html: string, name: string, at: number): number {
  const pattern = new RegExp(`</${name}\\b`, 'gi')
  pattern.lastIndex = at
  return pattern.exec(html) === null ? html.length : after(html, '>', pattern.lastIndex)
}

function after(html: string, sign: string, from: number): number {
  const found = html.indexOf(sign, from)
  return found === -1 ? html.length : found + sign.length
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag)
  return decoded(found?.[1] ?? found?.[2] ?? found?.[3] ?? '')
    .trim()
    .slice(0, 500)
}

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole
  })
}
