import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ImagePart, Message } from '../../../models/message.ts'
import type { Frame } from '../../../tools/computer/frame.ts'
import { pruneHistory } from '../../../tools/computer/history.ts'

/** A screen is a list of tile hashes; its letters are the file. */
function conversation(screens: readonly string[]) {
  const frames = new Map<ImagePart, Frame>()
  const messages = screens.flatMap((screen, index): Message[] => {
    const image: ImagePart = { type: 'image', mediaType: 'image/png', data: screen }
    const hashes = Array.from({ length: 100 }, (_, at) => screen.charCodeAt(at) || 0)
    frames.set(image, {
      id: `fr_${index}`,
      sha256: screen,
      source: { width: 640, height: 640 },
      sent: { width: 640, height: 640, space: { kind: 'pixels', width: 640, height: 640 } },
      url: 'https://shop.test/reset/secret',
      tiles: { columns: 10, rows: 10, hashes },
      dhash: '0',
      takenAt: index,
    })
    return [
      { role: 'assistant', content: [{ type: 'tool-call', id: `c${index}`, name: 'computer', input: {} }] },
      { role: 'user', content: [{ type: 'tool-result', id: `c${index}`, name: 'computer', content: [image], isError: false }] },
    ]
  })
  return { messages, frameOf: (image: ImagePart) => frames.get(image) }
}

/** What stands for each screenshot: its letters, or the text that replaced it. */
function shownIn(messages: readonly Message[]): string[] {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-result' ? part.content.map((one) => (one.type === 'image' ? one.data : one.text)) : [])),
  )
}

const screensOf = (text: string) => text.split(' ')

describe('pruneHistory()', () => {
  test('drops a batch at once, names the frames, and leaves the rest as it is', () => {
    const { messages, frameOf } = conversation(screensOf('AAAA BBBB CCCC DDDD EEEE'))

    const { messages: pruned, dropped } = pruneHistory(messages, { frameOf, keep: 2, batch: 3 })

    expect(shownIn(pruned)).toEqual([
      '[screenshot fr_0 of shop.test was left out: newer ones follow]',
      '[screenshot fr_1 of shop.test was left out: newer ones follow]',
      '[screenshot fr_2 of shop.test was left out: newer ones follow]',
      'DDDD',
      'EEEE',
    ])
    expect(dropped).toEqual(['fr_0', 'fr_1', 'fr_2'])
    expect(pruned[0]).toBe(messages[0])
    expect(pruned.at(-1)).toBe(messages.at(-1))
  })

  test('gives back the messages themselves while nothing is to be dropped', () => {
    const { messages, frameOf } = conversation(screensOf('AAAA BBBB CCCC DDDD'))

    expect(pruneHistory(messages, { frameOf, keep: 2, batch: 3 }).messages).toBe(messages)
  })

  test('shows a screen once while it is still there, and again after it was dropped', () => {
    const { messages, frameOf } = conversation(screensOf('AAAA AAAA BBBB CCCC DDDD AAAA'))

    const { messages: pruned, repeated } = pruneHistory(messages, { frameOf, keep: 2, batch: 2 })

    const left = (id: number) => `[screenshot fr_${id} of shop.test was left out: newer ones follow]`
    expect(shownIn(pruned)).toEqual([left(0), '[screenshot fr_1: the same as fr_0 above]', left(2), 'CCCC', 'DDDD', 'AAAA'])
    expect(repeated).toEqual(['fr_1'])
  })

  test('of screens that nearly repeat each other leaves the newest', () => {
    const page = (first: string, rest: string) => `${first}${rest.repeat(99)}`
    const { messages, frameOf } = conversation([page('a', 'x'), page('b', 'y'), page('c', 'y'), page('d', 'y')])

    const { dropped } = pruneHistory(messages, { frameOf, keep: 2, batch: 2 })

    expect(dropped).toEqual(['fr_1', 'fr_2'])
  })

  test('leaves images alone that are no screenshots', () => {
    const { messages } = conversation(screensOf('AAAA BBBB CCCC DDDD EEEE'))

    expect(pruneHistory(messages, { frameOf: () => undefined, keep: 1, batch: 1 }).messages).toBe(messages)
  })

  test('never takes the newest screen, shows few, and keeps the beginning until the next batch', () => {
    const names = fc.array(fc.constantFrom('AAAA', 'BBBB', 'CCCC', 'DDDD', 'EEEE', 'FFFF', 'GGGG'), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), (screens, keep, batch) => {
        let before: string[] = []
        let changes = 0
        for (let length = 1; length <= screens.length; length += 1) {
          const { messages, frameOf } = conversation(screens.slice(0, length))

          const shown = shownIn(pruneHistory(messages, { frameOf, keep, batch }).messages)

          const images = shown.filter((one) => !one.startsWith('['))
          expect(images).toContain(screens[length - 1])
          expect(images.length).toBeLessThan(keep + batch)
          expect(new Set(images).size).toBe(images.length)
          if (before.some((one, index) => one !== shown[index])) changes += 1
          before = shown
        }
        expect(changes).toBeLessThanOrEqual(screens.length / batch)
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    [0, 1],
    [1, 0],
    [1.5, 1],
  ])('refuses keep %d with batch %d', (keep, batch) => {
    expect(() => pruneHistory([], { frameOf: () => undefined, keep, batch })).toThrow(RangeError)
  })
})
