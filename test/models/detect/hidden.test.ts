import { describe, expect, test } from 'vitest'
import { findHidden } from '../../../models/local/detect/index.ts'

const kinds = (text: string) => findHidden(text).findings.map(({ kind }) => kind)

describe('findHidden() finds', () => {
  test.each([
    ['tag-characters', 'Adds\u{e0049}\u{e0067} numbers'],
    ['tag-characters', 'A flag of nowhere \u{1f3f4}\u{e0078}\u{e0078}\u{e007f}'],
    ['bidi-control', 'file \u202etxt.exe'],
    ['bidi-control', 'for \u2066two\u2069'.slice(0, 8)],
    ['zero-width', 'num\u200bbers'],
    ['zero-width', 'a\u200db'],
    ['zero-width', 'left\u200eto right'],
    ['zero-width', 'an entity &#8203; of no width'],
    ['variation-selectors', 'x\ufe01'],
    ['variation-selectors', '\u{1f600}\u{e0100}\u{e0101}\u{e0102}'],
    ['private-use', 'an icon \ue0b0'],
    ['control', 'a\u0000b'],
    ['filler', 'pass\u3164word'],
    ['filler', 'blank \u2800 cell'],
    ['mixed-script', 'p\u0430ssword'],
    ['mixed-script', 'pr\u03bfmpt'],
    ['html-comment', 'seen <!-- unseen -->'],
    ['css-hidden', '<span style="font-size:0">unseen</span>'],
    ['css-hidden', '<p style="opacity: 0;">unseen</p>'],
    ['css-hidden', '<div hidden>unseen</div>'],
    ['ansi-escape', '\u001b[8munseen\u001b[0m'.slice(0, 10)],
    ['ansi-escape', 'title \u001b]0;x'],
    ['encoded-text', Buffer.from('some words that are not seen').toString('base64')],
  ])('%s', (kind, text) => {
    const { findings } = findHidden(text)
    expect(findings.map((one) => one.kind)).toEqual([kind])
    expect(text.slice(findings[0]?.start, findings[0]?.end)).not.toBe('')
  })
})

describe('findHidden() leaves alone', () => {
  test.each([
    ['emoji that are joined', '👩‍💻 👨‍👩‍👧 🏳️‍🌈 ❤️‍🔥 👍🏽'],
    ['signs in their emoji form', '❤️ ☎️ 1️⃣ ©️'],
    ['the flag of Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['Persian', 'می\u200cخواهم'],
    ['Hindi', 'क्\u200dष'],
    ['Thai that may break', 'ภาษา\u200bไทย'],
    ['Hebrew with marks and isolates', 'שלום \u2067abc\u2069 \u200fעולם'],
    ['a mark of the byte order', '\ufeffAdds numbers'],
    ['Chinese variants', '葛\u{e0100}'],
    ['Korean', '한국어 \u3131'],
    ['Russian beside English', 'Отправить e-mail через Gmail, API и веб-сайт'],
    ['formulas', 'Δx = 5 μm, Ωm, sin(α)'],
    ['styles that show', 'opacity: 0.5; font-size: 0.8em; max-width: 0.1px'],
    ['white space', 'a\tb\r\nc\u00a0d\u3000e'],
  ])('%s', (_, text) => {
    expect(kinds(text)).toEqual([])
  })
})

test('findHidden() says when it has not read all', () => {
  expect(findHidden('a'.repeat(200_001)).truncated).toBe(true)
  expect(findHidden('a'.repeat(200_000)).truncated).toBe(false)
})
