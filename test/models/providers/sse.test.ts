import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseParser, type SseMessage } from '../../../models/providers/sse.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** What the pieces say, and their bytes as they came out: those of whole blocks, and the rest. */
function read(pieces: readonly Uint8Array[]) {
  const parser = createSseParser()
  const batches = pieces.map((piece) => parser.push(piece))
  const last = parser.end()
  const messages: Omit<SseMessage, 'end'>[] = []
  const texts: string[] = []
  for (const batch of [...batches, last]) {
    for (const { event, data, end } of batch.messages) {
      messages.push({ event, data })
      texts.push(Buffer.from(batch.bytes.subarray(0, end)).toString('utf8').slice(-2))
    }
  }
  const whole = Buffer.concat([...batches, last].map((batch) => batch.bytes))
  return { messages, whole: whole.toString('utf8'), rest: Buffer.from(last.rest).toString('utf8'), texts }
}

describe('createSseParser()', () => {
  test('reads events, several data lines, comments and unknown fields', () => {
    const text = ': hello\n\nevent: a\ndata: one\ndata:two\nid: 7\nwhat is this\n\ndata:  spaced\n\n'

    expect(read([bytes(text)]).messages).toEqual([
      { event: undefined, data: undefined },
      { event: 'a', data: 'one\ntwo' },
      { event: undefined, data: ' spaced' },
    ])
  })

  test('a byte order mark before the first line is no part of it', () => {
    expect(read([bytes('\uFEFFdata: one\n\ndata: two\n\n')]).messages.map(({ data }) => data)).toEqual(['one', 'two'])
  })

  test.each(['data: half', 'data: half\n', 'data: half\r\n', 'event: half'])('leaves %j, which the end cuts off, as the rest', (rest) => {
    expect(read([bytes(`data: whole\n\n${rest}`)])).toMatchObject({
      messages: [{ event: undefined, data: 'whole' }],
      whole: 'data: whole\n\n',
      rest,
    })
  })

  test('refuses a block without an end', () => {
    const parser = createSseParser()
    const piece = new Uint8Array(8 * 1024 * 1024).fill(97)

    expect(() => {
      for (let count = 0; count < 10; count += 1) parser.push(piece)
    }).toThrow(RangeError)
  })

  test('reads the same, and gives the same bytes, however they are split and whatever ends the lines', () => {
    const block = fc.oneof(
      fc.record({ event: fc.constantFrom('', 'delta', 'stop'), data: fc.stringMatching(/^[a-zé🙂: ]{1,12}$/u) }),
      fc.constant('comment' as const),
    )
    const ending = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), ending, fc.array(fc.nat(200), { maxLength: 8 }), (blocks, end, cuts) => {
        const text = blocks
          .map((one) =>
            one === 'comment' ? `: alive${end}${end}` : `${one.event && `event: ${one.event}${end}`}data: ${one.data}${end}${end}`,
          )
          .join('')
        const all = bytes(text)
        const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((left, right) => left - right), all.length]
        const pieces = places.slice(1).map((place, index) => all.slice(places[index], place))

        const { messages, whole, rest, texts } = read(pieces)

        const none = undefined
        expect(messages).toEqual(
          blocks.map((one) => (one === 'comment' ? { event: none, data: none } : { event: one.event || none, data: one.data })),
        )
        expect(whole).toBe(text)
        expect(rest).toBe('')
        for (const tail of texts) expect(tail).toMatch(/[\r\n]$/)
      }),
      { numRuns: 500 },
    )
  })
})
