import { expect, test } from 'vitest'
import type { LiveEvent } from '../../src/console/wire.ts'
import { eventStream } from '../../src/http/console/event-stream.ts'

/** Follows as a console does, and tells what is said. */
function followed() {
  const listeners = new Set<(event: LiveEvent) => void>()
  const live = {
    follow(listener: (event: LiveEvent) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const response = eventStream(live, new AbortController().signal)
  return {
    response,
    listeners,
    say: () => {
      for (const listener of listeners) listener({ event: 'approvals', approvals: [] })
    },
  }
}

test('eventStream() passes on what happens, and stops listening when its reader goes', async () => {
  const { response, listeners, say } = followed()
  const reader = response.body?.getReader()
  say()

  const pieces = [await reader?.read(), await reader?.read()].map((one) => Buffer.from(one?.value ?? []).toString())
  await reader?.cancel()

  expect(pieces).toEqual([': connected\n\n', 'event: approvals\ndata: {"approvals":[]}\n\n'])
  expect(listeners.size).toBe(0)
})

test('eventStream() ends for a reader who reads nothing any more, and holds no more than a little for them', async () => {
  const { response, listeners, say } = followed()

  for (let count = 0; count < 5000; count += 1) say()

  expect(listeners.size).toBe(0)
  expect((await response.text()).length).toBeLessThan(20_000)
})
