import fc from 'fast-check'
import { expect, test } from 'vitest'
import { condense } from '../../tools/results/condense.ts'
import { htmlToText } from '../../tools/results/html.ts'

test('condense() keeps the shape of JSON, and says how much there was', () => {
  const rows = Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}`, text: 'x'.repeat(2000) }))

  const short = condense(JSON.stringify({ total: 2000, rows }), 5000)
  const value = JSON.parse(short?.text ?? '')

  expect(value.total).toBe(2000)
  expect(value.rows[0]).toMatchObject({ id: 0, name: 'row 0', text: expect.stringMatching(/^x+… \(2000 characters\)$/) })
  expect(value.rows.at(-1)).toMatch(/^… 19\d\d more of 2000$/)
  expect(short?.text.length).toBeLessThan(5000)
  expect(short?.cut).toMatch(/^JSON of \d+ characters, without 19\d\d items of lists, the ends of \d+ texts$/)
})

test('condense() gives valid JSON that is shorter, or nothing, whatever it is given', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 3000 }), (value, maxBytes) => {
      const text = JSON.stringify(value)
      const short = condense(text, maxBytes)
      if (short === undefined) return
      expect(short.text.length).toBeLessThan(text.length)
      expect(() => JSON.parse(short.text)).not.toThrow()
    }),
  )
})

test('condense() leaves texts alone that are neither', () => {
  expect(condense('A long text. '.repeat(1000), 100)).toBeUndefined()
  expect(condense('[see below] and more', 5)).toBeUndefined()
  expect(condense('a < b and <b> too', 5)).toBeUndefined()
})

test('condense() reads a page as its text with links, without what a page does not show', () => {
  const page = `<!DOCTYPE html><html><head><title>News &amp; more</title><style>p{color:red}</style></head><body>
    <script>alert("<p>no</p>")</script><!-- hidden --><nav><a href="/home">Home</a></nav>
    <h1>Today</h1><p title="a > b">It rains, <b>a lot</b>&nbsp;&#x2014; see <a href='https://example.com/a?b=1&amp;c=2'>the map</a>.</p>
    <ul><li>One<li>Two</ul><table><tr><td>1</td><td>2</td></tr></table><img src="x.png" alt="a cloud"></body></html>`

  expect(condense(page, 10)?.text.split('\n')).toEqual([
    '# News & more',
    'Home (/home)',
    '# Today',
    'It rains, a lot — see the map (https://example.com/a?b=1&c=2).',
    '- One',
    '- Two',
    '| 1 | 2',
    '[a cloud]',
  ])
  expect(condense(page, 10)?.cut).toBe(`HTML of ${page.length} characters, here as its text`)
})

test('htmlToText() comes to an end, without a script, whatever the markup', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '</',
    'a',
    'script',
    '<script>',
    '</script>',
    '<!--',
    '-->',
    '"',
    "'",
    '=',
    'href',
    '&#x41;',
    '&amp',
    ' ',
    '<a href="',
    '<p',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(typeof htmlToText(pieces.join(''))).toBe('string')
    }),
  )
  expect(htmlToText(`<p>${'<a ="'.repeat(20_000)}`).length).toBeLessThan(200_000)
})
