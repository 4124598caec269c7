import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeadline, DeadlineError } from '../../../tools/servers/deadline.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('createDeadline() ends after silence, and signs of life put that off until the limit in all', () => {
  const deadline = createDeadline({ quietMs: 100, totalMs: 250 })
  deadline.resume()

  for (let step = 0; step < 3; step += 1) {
    vi.advanceTimersByTime(80)
    deadline.touch()
    expect(deadline.signal.aborted).toBe(false)
  }
  vi.advanceTimersByTime(10)

  expect(deadline.signal.reason).toBeInstanceOf(DeadlineError)
  expect(deadline.signal.reason).toMatchObject({ limitMs: 250 })
})

test('createDeadline() stands still until it is resumed, and while it is paused as often', () => {
  const deadline = createDeadline({ quietMs: 100, totalMs: 150 })
  vi.advanceTimersByTime(1000)
  deadline.resume()
  vi.advanceTimersByTime(90)
  deadline.pause()
  deadline.pause()
  vi.advanceTimersByTime(1000)
  deadline.resume()
  vi.advanceTimersByTime(1000)
  expect(deadline.signal.aborted).toBe(false)

  deadline.resume()
  vi.advanceTimersByTime(59)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)

  expect(deadline.signal.reason).toMatchObject({ limitMs: 150 })
})
