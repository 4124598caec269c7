import { Session } from 'node:inspector/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { giveBackMemoryWhenIdle } from '../src/idle-memory.ts'

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
let end: (() => void) | undefined

beforeEach(() => {
  vi.restoreAllMocks()
})

afterEach(() => {
  end?.()
})

test('giveBackMemoryWhenIdle() makes the heap as small as it was before the work', async () => {
  const before = heapBytes()
  const large = growHeap()

  end = giveBackMemoryWhenIdle({ log, everyMs: 100 })

  await vi.waitFor(() => expect(heapBytes()).toBeLessThan(before + (large - before) / 2), { timeout: 30_000, interval: 500 })
  expect(log.debug).not.toHaveBeenCalled()
})

test('giveBackMemoryWhenIdle() does it once, and again when the heap has grown', async () => {
  const collections = vi.spyOn(Session.prototype, 'post')
  end = giveBackMemoryWhenIdle({ log, everyMs: 50 })
  await vi.waitFor(() => expect(collections).toHaveBeenCalledTimes(1), { timeout: 30_000, interval: 200 })
  await wait(1000)
  expect(collections).toHaveBeenCalledTimes(1)

  const kept = growHeap()

  expect(kept).toBeGreaterThan(0)
  await vi.waitFor(() => expect(collections).toHaveBeenCalledTimes(2), { timeout: 30_000, interval: 200 })
})

test('giveBackMemoryWhenIdle() leaves a busy process alone', async () => {
  const collections = vi.spyOn(Session.prototype, 'post')
  growHeap()

  end = giveBackMemoryWhenIdle({ log, everyMs: 50 })
  for (let turn = 0; turn < 50; turn += 1) {
    spin(8)
    await wait(2)
  }

  expect(collections).not.toHaveBeenCalled()
})

/** Fills some 60 MB and leaves them as garbage; says how large that made the heap. */
function growHeap(): number {
  const lists = Array.from({ length: 200 }, () => Array.from({ length: 40_000 }, (_, number) => number + 0.5))
  return lists.length > 0 ? heapBytes() : 0
}

function heapBytes(): number {
  return getHeapStatistics().total_heap_size
}

function spin(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until) Math.sqrt(until)
}
