import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSse } from '../../../models/providers/sse.ts'

async function read(chunks: readonly Uint8Array[]) {
  const messages: unknown[] = []
  for await (const message of readSse(ReadableStream.from(chunks) as ReadableStream<Uint8Array>)) messages.push(message)
  return messages
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('readSse()', () => {
  test('reads events, several data lines, comments and unknown fields', async () => {
    const text = ': hello\n\nevent: a\ndata: one\ndata:two\nid: 7\nwhat is this\n\ndata:  spaced\n\n'

    expect(await read([bytes(text)])).toEqual([{ comment: true }, { event: 'a', data: 'one\ntwo' }, { event: undefined, data: ' spaced' }])
  })

  test('drops a message that the end of the stream cuts off', async () => {
    expect(await read([bytes('data: whole\n\ndata: half')])).toEqual([{ event: undefined, data: 'whole' }])
    expect(await read([bytes('data: whole\n\ndata: half\n')])).toEqual([{ event: undefined, data: 'whole' }])
  })

  test('reads the same however the bytes are split and whatever ends the lines', async () => {
    const event = fc.record({ event: fc.constantFrom('', 'delta', 'stop'), data: fc.stringMatching(/^[a-zé🙂: ]{1,12}$/u) })
    const ending = fc.constantFrom('\n', '\r\n', '\r')
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), ending, fc.array(fc.nat(200), { maxLength: 8 }), async (events, end, cuts) => {
        const text = events.map(({ event: name, data }) => `${name === '' ? '' : `event: ${name}${end}`}data: ${data}${end}${end}`).join('')
        const all = bytes(text)
        const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((left, right) => left - right), all.length]
        const chunks = places.slice(1).map((place, index) => all.slice(places[index], place))

        const expected = events.map(({ event: name, data }) => ({ event: name === '' ? undefined : name, data }))
        expect(await read(chunks)).toEqual(expected)
      }),
    )
  })
})
