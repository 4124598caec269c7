import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Control, createSplitter, toControlLine } from '../../src/instance/control.ts'

const controls = fc.oneof(
  fc.record({ kind: fc.constant('log' as const), line: fc.stringMatching(/^[^\n]*$/) }),
  fc.record({
    kind: fc.constant('answer' as const),
    id: fc.oneof(fc.integer(), fc.string()).map((id) => JSON.stringify(id)),
  }),
  fc.record({ kind: fc.constant('exit' as const), code: fc.integer({ min: 0, max: 255 }), reason: fc.stringMatching(/^[^\n]*$/) }),
)
const messages = fc.object().map((message) => `${JSON.stringify(message)}\n`)

test('createSplitter() parts messages and control lines alike, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(messages, controls)), fc.array(fc.nat()), (sent, cuts) => {
      const bytes = Buffer.from(sent.map((one) => (typeof one === 'string' ? one : toControlLine(one))).join(''))
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((left, right) => left - right)
      const passed: Uint8Array[] = []
      const heard: Control[] = []

      const splitter = createSplitter(
        (piece) => passed.push(piece),
        (control) => heard.push(control),
      )
      places.slice(1).forEach((end, index) => {
        splitter.write(bytes.subarray(places[index], end))
      })

      expect(Buffer.concat(passed).toString()).toBe(sent.filter((one) => typeof one === 'string').join(''))
      expect(heard).toEqual(sent.filter((one) => typeof one !== 'string'))
      expect(splitter.isCut()).toBe(false)
    }),
  )
})

test('createSplitter() tells that it stopped in the middle of a message', () => {
  const splitter = createSplitter(
    () => undefined,
    () => undefined,
  )

  splitter.write(Buffer.from('{"jsonrpc":"2.0","id":1,"res'))

  expect(splitter.isCut()).toBe(true)
})
