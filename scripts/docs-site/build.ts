import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix, relative } from 'node:path'
import { Marked } from 'marked'
import { anchorOf, plain } from './headings.ts'
import { navigation } from './navigation.ts'

/*
 * The site of `docs/`: a page for each file, a menu, a search over all headings and paragraphs. It needs no server and no network: it
 * works from a folder as well. Links to files beside `docs/` lead to a page that shows that file.
 */

const root = join(import.meta.dirname, '../..')
/** The page that opens first. */
const first = navigation[0]?.pages[0] ?? ''

interface Page {
  /** Of the repository: `docs/policies.md`. */
  readonly source: string
  /** Of the site: `policies.html`. */
  readonly target: string
  readonly title: string
  readonly html: string
  readonly sections: readonly Section[]
}

/** What the search finds. */
interface Section {
  readonly heading: string
  readonly anchor: string
  readonly text: string
}

/** @returns How many pages were written. */
export function buildSite(out: string): number {
  rmSync(out, { recursive: true, force: true })
  const pages = new Map<string, Page>()
  const open = [
    ...navigation.flatMap((group) => group.pages.map((name) => `docs/${name}.md`)),
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
  ]
  for (let source = open.shift(); source !== undefined; source = open.shift()) {
    if (pages.has(source)) continue
    const { page, linked } = source.endsWith('.md') ? renderMarkdown(source) : renderFile(source)
    pages.set(source, page)
    open.push(...linked)
  }
  for (const page of pages.values()) write(join(out, page.target), layout(page, pages))
  write(join(out, 'index.html'), layout({ ...pageOf(pages, first), target: 'index.html' }, pages))
  cpSync(join(root, 'docs/images'), join(out, 'images'), { recursive: true })
  for (const file of ['site.css', 'site.js']) cpSync(join(root, 'docs/site', file), join(out, file))
  cpSync(
    createRequire(import.meta.url)
      .resolve('minisearch')
      .replace(/cjs\/index\.cjs$/, 'umd/index.js'),
    join(out, 'minisearch.js'),
  )
  const entries = [...pages.values()].flatMap(({ target, title, sections }) =>
    sections.map(({ heading, anchor, text }) => ({ id: `${target}#${anchor}`, title, heading, text })),
  )
  // A script and no data file: a page that was opened from a folder may not fetch.
  write(join(out, 'search-index.js'), `window.siteSections = ${JSON.stringify(entries)}\n`)
  return pages.size
}

function renderMarkdown(source: string): { page: Page; linked: string[] } {
  const text = readFileSync(join(root, source), 'utf8')
  const linked: string[] = []
  const sections: { heading: string; anchor: string; text: string }[] = []
  const [anchorShown, anchorFound] = [eachOnce(), eachOnce()]
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens)
        const anchor = anchorShown(anchorOf(this.parser.parseInline(tokens, this.parser.textRenderer)))
        return `<h${depth} id="${anchor}"><a class="anchor" href="#${anchor}">${html}</a></h${depth}>\n`
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens)
        // In a repository a page is called by its file; here by its name.
        const shown = /^[\w-]+\.md$/.test(words) ? escapeHtml(titleOf(pathFrom(source, href))) : words
        return `<a href="${escapeHtml(siteLink(source, href, linked))}">${shown}</a>`
      },
      image({ href, text: alt }) {
        return `<img src="${escapeHtml(imageLink(source, href))}" alt="${escapeHtml(alt)}" loading="lazy">`
      },
      table(token) {
        const cells = (row: typeof token.header, tag: string) =>
          `<tr>${row.map((cell) => `<${tag}${cell.align === 'right' ? ' class="number"' : ''}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>\n`
        const body = token.rows.map((row) => cells(row, 'td')).join('')
        // Wide tables move within themselves, and the page stays where it is. Who uses the keyboard can move them as well.
        return `<div class="wide" tabindex="0" role="group" aria-label="Table"><table><thead>${cells(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`
      },
      code({ text: code, lang }) {
        return `<pre tabindex="0"><code data-language="${escapeHtml(lang ?? '')}">${escapeHtml(code)}</code></pre>\n`
      },
    },
  })
  const tokens = marked.lexer(text)
  for (const token of tokens) {
    if (token.type === 'heading') {
      const heading = plain(token.text)
      sections.push({ heading, anchor: anchorFound(anchorOf(heading)), text: '' })
    } else {
      const last = sections.at(-1)
      if (last !== undefined && 'raw' in token) last.text += `${plain(token.raw)}\n`
    }
  }
  const page = { source, target: targetOf(source), title: sections[0]?.heading ?? source, html: marked.parser(tokens), sections }
  return { page, linked }
}

function titleOf(source: string): string {
  return plain(/^# (.*)$/m.exec(readFileSync(join(root, source), 'utf8'))?.[1] ?? source)
}

/** A program or a configuration that a page links to. */
function renderFile(source: string): { page: Page; linked: string[] } {
  const path = join(root, source)
  const isFolder = statSync(path).isDirectory()
  const linked: string[] = []
  const html = isFolder
    ? `<ul>${readdirSync(path)
        .filter((name) => statSync(join(path, name)).isFile() && !name.startsWith('.') && name !== 'tools.lock')
        .map((name) => {
          linked.push(`${source}/${name}`)
          return `<li><a href="${escapeHtml(relativeTo(targetOf(source), targetOf(`${source}/${name}`)))}">${escapeHtml(name)}</a></li>`
        })
        .join('\n')}</ul>\n`
    : `<pre tabindex="0"><code>${escapeHtml(readFileSync(path, 'utf8'))}</code></pre>\n`
  return {
    page: { source, target: targetOf(source), title: source, html: `<h1>${escapeHtml(source)}</h1>\n${html}`, sections: [] },
    linked,
  }
}

function targetOf(source: string): string {
  const [folder, name] = [posix.dirname(source), posix.basename(source)]
  if (statSync(join(root, source)).isDirectory()) return `files/${source}/index.html`
  if (folder === 'docs' && name.endsWith('.md')) return name.replace(/\.md$/, '.html')
  if (name.endsWith('.md')) return `files/${source.replace(/\.md$/, '.html')}`
  return `files/${source}.html`
}

/** Where a link of a page leads on the site; a file that was not rendered so far is noted. */
function siteLink(source: string, href: string, linked: string[]): string {
  if (/^[a-z]+:/i.test(href) || href.startsWith('#')) return href
  const [path = '', anchor] = href.split('#')
  const wanted = pathFrom(source, path)
  linked.push(wanted)
  return relativeTo(targetOf(source), targetOf(wanted)) + (anchor === undefined ? '' : `#${anchor}`)
}

/** What a link of a page names, as a path of the repository. */
function pathFrom(source: string, href: string): string {
  return posix.normalize(posix.join(posix.dirname(source), href.split('#')[0] ?? '')).replace(/\/$/, '')
}

function imageLink(source: string, href: string): string {
  const wanted = posix.normalize(posix.join(posix.dirname(source), href))
  return relativeTo(targetOf(source), wanted.replace(/^docs\//, ''))
}

function relativeTo(from: string, to: string): string {
  return relative(dirname(from), to).replaceAll('\\', '/')
}

/** A heading that comes again gets a number, as on the pages of repositories. */
function eachOnce(): (anchor: string) => string {
  const seen = new Map<string, number>()
  return (anchor) => {
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  }
}

function layout(page: Page, pages: ReadonlyMap<string, Page>): string {
  const link = (target: string) => relativeTo(page.target, target)
  const menu = navigation
    .map(({ title, pages: names }) => {
      const items = names.map((name) => {
        const { source, target, title: own } = pageOf(pages, name)
        return `<li><a href="${link(target)}"${source === page.source ? ' aria-current="page"' : ''}>${escapeHtml(own)}</a></li>`
      })
      return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`
    })
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · Signalbox</title>
<link rel="stylesheet" href="${link('site.css')}">
</head>
<body data-root="${link('x').replace(/x$/, '')}">
<a class="skip" href="#site-page">Skip to the page</a>
<header><a class="brand" href="${link('index.html')}">Signalbox</a>
<form role="search"><label for="site-search">Search</label><input id="site-search" type="search" autocomplete="off"></form>
<ol id="site-found" aria-live="polite"></ol></header>
<div class="columns">
<nav aria-label="Pages">
<details open><summary>Pages</summary>
${menu}
</details>
</nav>
<main id="site-page" tabindex="-1">
${page.html}</main>
</div>
<script src="${link('minisearch.js')}" defer></script>
<script src="${link('search-index.js')}" defer></script>
<script src="${link('site.js')}" defer></script>
</body>
</html>
`
}

function pageOf(pages: ReadonlyMap<string, Page>, name: string): Page {
  const page = pages.get(`docs/${name}.md`)
  if (page === undefined) throw new RangeError(`Cannot link to the page "${name}": docs/${name}.md is not rendered`)
  return page
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

if (import.meta.main) {
  const out = join(root, 'dist-docs')
  const count = buildSite(out)
  process.stdout.write(`${count} pages: ${join(out, 'index.html')}\n`)
}
