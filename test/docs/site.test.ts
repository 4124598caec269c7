import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildSite } from '../../scripts/docs-site/build.ts'
import { navigation } from '../../scripts/docs-site/navigation.ts'
import { root } from '../support/examples/run.ts'

const out = mkdtempSync(join(tmpdir(), 'signalbox-docs-'))
afterAll(() => rmSync(out, { recursive: true, force: true }))

const count = buildSite(out)
const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
const html = new Map(files.filter((path) => path.endsWith('.html')).map((path) => [path, readFileSync(join(out, path), 'utf8')]))

test('each page of docs/ stands in the menu once', () => {
  const pages = readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [name.slice(0, -3)] : []))

  expect(navigation.flatMap(({ pages: names }) => names).toSorted()).toEqual(pages.toSorted())
})

test('each page of the site is built, has a title, and each of its links and anchors resolves', () => {
  const broken = [...html].flatMap(([page, text]) =>
    [...text.matchAll(/ (?:href|src)="([^"]*)"/g)].flatMap(([, link = '']) => {
      if (/^https?:/.test(link)) return []
      const [path = '', anchor] = link.replaceAll('&amp;', '&').split('#')
      const target = path === '' ? page : posix.normalize(posix.join(dirname(page), path))
      const isThere = files.includes(target) && (anchor === undefined || html.get(target)?.includes(` id="${anchor}"`) === true)
      return isThere ? [] : [`${page}: ${link}`]
    }),
  )

  expect(broken).toEqual([])
  const twice = [...html].filter(([, text]) => {
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    return new Set(ids).size < ids.length
  })
  expect(twice.map(([page]) => page)).toEqual([])
  expect(html.size).toBe(count + 1)
  for (const [page, text] of html) expect(text, page).toMatch(/<title>[^<]+ · Signalbox<\/title>[\s\S]*<h1/)
})

test('the search of the site leads to anchors that are there', () => {
  const sections = JSON.parse(readFileSync(join(out, 'search-index.js'), 'utf8').replace('window.siteSections = ', '')) as readonly {
    id: string
  }[]

  const missing = sections.filter(({ id }) => {
    const [page = '', anchor = ''] = id.split('#')
    return html.get(page)?.includes(` id="${anchor}"`) !== true
  })
  expect(missing).toEqual([])
  expect(sections.length).toBeGreaterThan(200)
})
