import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitSentences } from '../../../models/extractive/sentences.ts'

describe('splitSentences()', () => {
  test.each([
    ['sentences', 'One is here. Two is there! Is three? Yes.', ['One is here.', 'Two is there!', 'Is three?', 'Yes.']],
    ['titles and initials', 'Dr. A. Meyer met Mr. Li. They left.', ['Dr. A. Meyer met Mr. Li.', 'They left.']],
    ['abbreviations', 'Take fruit, e.g. apples, approx. five. Eat.', ['Take fruit, e.g. apples, approx. five.', 'Eat.']],
    ['letters with points', 'It opens at 9 a.m. on Monday in the U.S. The end.', ['It opens at 9 a.m. on Monday in the U.S.', 'The end.']],
    ['numbers', 'Version 2.5 costs 3.50 EUR. It came in 2019. Buy it.', ['Version 2.5 costs 3.50 EUR.', 'It came in 2019.', 'Buy it.']],
    ['lower case', 'i like cats. my name is bob.', ['i like cats.', 'my name is bob.']],
    ['files', 'b.ts did not compile. c.ts did.', ['b.ts did not compile.', 'c.ts did.']],
    ['frames of files and quotes', '<file name="a b.txt">\nOne.\n</file>\n<quoted source="x">\nTwo.\n</quoted>', ['One.', 'Two.']],
    ['quotes', '“Stop.” She left. (He did not.) Done.', ['“Stop.”', 'She left.', '(He did not.)', 'Done.']],
    [
      'lines of one paragraph',
      'A sentence that goes\non the next line. Another\none.',
      ['A sentence that goes on the next line.', 'Another one.'],
    ],
    ['lists', 'Buy:\n- ripe apples\n- pears that\n  are green\n1. first', ['Buy:', '- ripe apples', '- pears that are green', '1. first']],
    ['code', 'Run this.\n\n```js\nconst a = 1. + b\nreturn a\n```\nDone.', ['Run this.', 'const a = 1. + b', 'return a', 'Done.']],
    ['headings and tables', '# Title\ntext here\n| a | b |\n| 1 | 2 |', ['# Title', 'text here', '| a | b |', '| 1 | 2 |']],
    ['data', 'name: Ann\nage: 41', ['name: Ann', 'age: 41']],
    ['one-line JSON', '[{"a":1},{"a":2},{"a":3}]', ['[{"a":1},', '{"a":2},', '{"a":3}]']],
    ['Chinese', '船在早上九点开。猫在睡觉！真的吗？', ['船在早上九点开。', '猫在睡觉！', '真的吗？']],
    ['nothing', ' \n\n--- \n', []],
  ])('%s', (_, text, expected) => {
    expect(splitSentences(text)).toEqual(expected)
  })

  test('every piece stands in the text word for word, in order, and none is too long to quote', () => {
    const collapse = (text: string) => text.replaceAll(/\s+/gu, ' ')
    const text = fc.array(
      fc.constantFrom('word', 'Dr.', 'a.m.', 'End.', '\n', '\n\n', '- ', '```\n', '{"a":1},', '。', '?', ' ', 'x'.repeat(300)),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(text, (parts) => {
        const whole = collapse(parts.join(' '))
        let from = 0
        for (const piece of splitSentences(parts.join(' '))) {
          const at = whole.indexOf(piece, from)
          expect(at, piece).toBeGreaterThanOrEqual(from)
          from = at + piece.length
        }
      }),
    )
  })
})
