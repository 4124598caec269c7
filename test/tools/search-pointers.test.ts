import { expect, test } from 'vitest'
import { pointersIn } from '../../tools/search/pointers.ts'
import { createToolSearch } from '../../tools/search.ts'
import { catalogueOf, hostedTool, pointingToolNeeds, writtenTools } from '../support/search/needs.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

test('pointersIn() reads hosts, schemes, ports and files, and what an address says further', () => {
  const read = (text: string) => pointersIn(text).map(({ what, further }) => (further === '' ? what : `${what} | ${further}`))

  expect(read('see github.com/acme/shop/pull/3')).toEqual(['github | acme shop pull'])
  expect(read('and https://docs.acme.co.uk/en/page?id=secret#top.')).toEqual(['docs acme | en page'])
  expect(read('watch https://youtu.be/dQw4')).toEqual(['youtube video | dQw'])
  expect(read('in s3://acme-backups/2025/ there')).toEqual(['s3 aws bucket object storage'])
  expect(read('rows on localhost:5432')).toEqual(['postgres postgresql sql database'])
  expect(read('rows behind postgres://app:pw@db.internal:6432/orders')).toEqual(['postgres postgresql sql database'])
  expect(read('open Report.XLSX now')).toEqual(['excel spreadsheet sheet workbook'])
  expect(read('all *.csv in /data/in/a.csv')).toEqual(['csv table spreadsheet data'])
  expect(read('https://cdn.acme.org/x/cat.webp')).toEqual(['image picture photo'])
})

test('pointersIn() reads no pointer in a bare host, an e-mail address, a version, a sentence or a private address', () => {
  for (const text of ['is acme.com for sale', 'ask ann@acme.com', 'since v1.2.3', 'Done.Next one', 'e.g. this', 'https://10.0.0.7/x', '']) {
    expect(pointersIn(text), text).toEqual([])
  }
})

test('pointersIn() names each thing once, the last ones first, and four at most', () => {
  const found = pointersIn('a.csv b.csv c.pdf d.png e.mp3 f.docx')

  expect(found.map(({ what }) => what)).toEqual(['word document docx', 'audio music sound', 'image picture photo', 'pdf document'])
})

test('find() looks for tools of an address in the need, and tells them apart by what it says further', async () => {
  const search = createToolSearch({ embedder: undefined, log: quiet })
  search.index(catalogueOf(writtenTools()))

  const { hits } = await search.find({ need: 'anything odd in https://github.com/acme/shop/issues/87', limit: 3 })

  expect(hits.every(({ tool }) => tool.server === 'github')).toBe(true)
  expect(hits[0]?.tool.tool).toContain('issue')
})

test('find() looks for tools of a file in the turn before, with less weight than one in the need', async () => {
  const search = createToolSearch({ embedder: undefined, log: quiet })
  search.index(catalogueOf([hostedTool('excel/read'), hostedTool('word/read'), hostedTool('clock/read')]))
  const context = 'I put it into march.xlsx'

  const vague = await search.find({ need: 'read it', context, limit: 3 })
  const clear = await search.find({ need: 'read offer.docx', context, limit: 3 })

  expect(vague.hits[0]?.tool.server).toBe('excel')
  expect(clear.hits.map(({ tool }) => tool.server).slice(0, 2)).toEqual(['word', 'excel'])
})

test('each needed tool of the needs that point somewhere is well formed', () => {
  const needs = pointingToolNeeds()

  expect(new Set(needs.map(({ need, context }) => `${need} ${context}`)).size).toBe(needs.length)
  expect(needs.flatMap(({ gold }) => gold.filter((id) => !/^[^/]+\/[^/]+$/.test(id)))).toEqual([])
})
