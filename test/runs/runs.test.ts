import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { InputError } from '../../src/operations/errors.ts'
import type { Owner } from '../../src/runs/owner.ts'
import type { RunScope } from '../../src/runs/run.ts'
import { contextOf, dialogue, runsFor, text, wordsOf } from '../support/runs.ts'

const inTime = { handleAfterMs: 60_000 }
const atOnce = { handleAfterMs: 0 }
const form = { method: 'elicitation/create' as const, params: { mode: 'form', message: 'Who?' } }

/** Work that ends when the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { open: resolve, work: async () => text(await promise) }
}

async function untilAborted(scope: RunScope): Promise<never> {
  if (!scope.signal.aborted) await once(scope.signal, 'abort')
  throw scope.signal.reason
}

/** The handle that a result without an answer names. */
function handleIn(result: unknown): string {
  return /ha_[0-9a-f]{32}/.exec(wordsOf(result))?.[0] ?? ''
}

test('execute() gives the answer itself when it is there in time, and keeps nothing of it', async () => {
  const { runs, operation, store } = await runsFor(async () => text('quick'))

  const result = await runs.execute(operation, {}, contextOf(), inTime)

  expect(wordsOf(result)).toBe('quick')
  expect((await store.rows.list('local', 'run')).rows).toEqual([])
  expect(runs.active()).toBe(0)
})

test('execute() gives a handle when it takes longer, and the answer is fetched by it, also by another process', async () => {
  const { open, work } = gate()
  const { runs, operation, store } = await runsFor(work)
  const other = await runsFor(work, { store, owner: { instance: 'other', host: 'elsewhere', pid: 1 } })

  const handle = handleIn(await runs.execute(operation, {}, contextOf(), atOnce))
  const early = await runs.wait(handle, 0, contextOf())
  const late = runs.wait(handle, 60_000, contextOf())
  open('the answer')

  expect(wordsOf(early)).toContain('working')
  expect(wordsOf(await late)).toBe('the answer')
  expect(wordsOf(await other.runs.wait(handle, 60_000, contextOf()))).toBe('the answer')
})

test('execute() ends the work with its request before the handle was given, and not after it', async () => {
  const { runs, operation } = await runsFor(untilAborted)
  const [before, after] = [new AbortController(), new AbortController()]

  const left = runs.execute(operation, {}, contextOf({}, { signal: before.signal }), inTime)
  await runs.execute(operation, {}, contextOf({}, { signal: after.signal }), atOnce)
  after.abort(new Error('gone'))
  const reason = new Error('gone')
  before.abort(reason)

  await expect(left).rejects.toBe(reason)
  await expect.poll(() => runs.active()).toBe(1)
})

test('get(), wait(), answer() and cancel() do not know the run of another principal, nor one that never was', async () => {
  const { runs, operation } = await runsFor(untilAborted)
  const { handle } = await runs.start(operation, {}, contextOf())
  const other = contextOf({ principal: 'key:1' })

  for (const one of [handle, 'ha_00000000000000000000000000000000', 'th_x', '__proto__']) {
    expect(await runs.get(one, other.caller)).toBeUndefined()
    expect(await runs.wait(one, 0, other)).toBeUndefined()
    expect(await runs.answer(one, {}, other.caller)).toBeUndefined()
    expect(await runs.cancel(one, other.caller)).toBeUndefined()
  }
  expect(runs.active()).toBe(1)
})

test('a run parks until its caller has answered, in parts if it likes, and is begun once', async () => {
  const asked = runsFor(async (scope) => text(JSON.stringify(await scope.ask({ first: form, second: form }))))
  const { runs, operation, begun } = await asked
  const context = contextOf({ capabilities: dialogue })

  const parked = await runs.execute(operation, {}, context, inTime)
  if (parked.kind !== 'input-required') throw new TypeError('it was not parked')
  await runs.answer(parked.handle, { second: 2, third: 3 }, context.caller)
  const still = await runs.wait(parked.handle, 60_000, context)
  await runs.answer(parked.handle, { first: 1 }, context.caller)
  const result = await runs.wait(parked.handle, 60_000, context)

  expect(Object.keys(parked.requests)).toEqual(['first', 'second'])
  expect(still).toMatchObject({ kind: 'input-required', requests: { first: form } })
  expect(JSON.parse(wordsOf(result))).toEqual({ first: 1, second: 2 })
  expect(begun()).toBe(1)
})

test('questions of work that runs beside each other are put one after the other, and each gets its own answer', async () => {
  const { runs, operation } = await runsFor(async (scope) => {
    const both = await Promise.all([scope.ask({ a: form }), scope.ask({ b: form })])
    return text(JSON.stringify(both))
  })
  const context = contextOf({ capabilities: dialogue })

  const first = await runs.execute(operation, {}, context, inTime)
  if (first.kind !== 'input-required') throw new TypeError('it was not parked')
  await runs.answer(first.handle, { a: 1 }, context.caller)
  const second = await runs.wait(first.handle, 60_000, context)
  await runs.answer(first.handle, { b: 2 }, context.caller)

  expect(second).toMatchObject({ kind: 'input-required', requests: { b: form } })
  expect(wordsOf(await runs.wait(first.handle, 60_000, context))).toBe('[{"a":1},{"b":2}]')
})

test('a parked run fails when nobody answers in time', async () => {
  const { runs, operation } = await runsFor(async (scope) => text(JSON.stringify(await scope.ask({ a: form }))), { parkMs: 20 })
  const context = contextOf({ capabilities: dialogue })

  const parked = await runs.execute(operation, {}, context, inTime)
  if (parked.kind !== 'input-required') throw new TypeError('it was not parked')
  await expect.poll(async () => (await runs.get(parked.handle, context.caller))?.status).toBe('failed')

  expect(wordsOf(await runs.wait(parked.handle, 0, context))).toContain('failed: Nobody answered')
})

test('cancel() ends a run for good, and says so to whoever asks later', async () => {
  const { runs, operation } = await runsFor(untilAborted)
  const { handle } = await runs.start(operation, {}, contextOf())

  const first = await runs.cancel(handle, contextOf().caller)
  const second = await runs.cancel(handle, contextOf().caller)

  expect(first?.status).toBe('cancelled')
  expect(second).toEqual(first)
  expect(wordsOf(await runs.wait(handle, 0, contextOf()))).toContain('was cancelled')
})

test('cancel() ends a run that is parked', async () => {
  const { runs, operation } = await runsFor(async (scope) => text(JSON.stringify(await scope.ask({ a: form }))))
  const context = contextOf({ capabilities: dialogue })
  const parked = await runs.execute(operation, {}, context, inTime)
  if (parked.kind !== 'input-required') throw new TypeError('it was not parked')

  expect((await runs.cancel(parked.handle, context.caller))?.status).toBe('cancelled')
})

test('a run fails at its deadline', async () => {
  const { runs, operation } = await runsFor(untilAborted, { deadlineMs: 20 })
  const { handle } = await runs.start(operation, {}, contextOf())

  expect(wordsOf(await runs.wait(handle, 60_000, contextOf()))).toContain('failed: The run passed its limit of 0.02 s')
})

test('a run that failed says only words that its caller may read; the others go to the log', async () => {
  const secret = new Error('cannot open /home/ada/secret: token abc')
  const { runs, operation, logged } = await runsFor(async (_scope, input) => {
    await new Promise((resolve) => setImmediate(resolve))
    throw (input as { known?: boolean }).known === true ? new InputError('Give a prompt') : secret
  })

  const unforeseen = await runs.start(operation, {}, contextOf())
  const known = await runs.start(operation, { known: true }, contextOf())

  const words = wordsOf(await runs.wait(unforeseen.handle, 60_000, contextOf()))
  expect(words).toContain('internal error')
  expect(words).not.toContain('secret')
  expect(wordsOf(await runs.wait(known.handle, 60_000, contextOf()))).toContain('failed: Give a prompt')
  expect(logged.map(({ facts }) => facts)).toEqual([{ error: secret }])
})

test('a run goes on when the store fails, and its waiting caller gets the answer', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const { open, work } = gate()
  const { runs, operation, logged } = await runsFor(work, { store })
  const handle = handleIn(await runs.execute(operation, {}, contextOf(), atOnce))

  await store.close()
  open('the answer')

  expect(wordsOf(await runs.wait(handle, 60_000, contextOf()))).toBe('the answer')
  expect(logged[0]?.message).toContain('Cannot store a run')
})

test('start() rejects, and ends the work, when the run cannot be stored', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const { runs, operation } = await runsFor(untilAborted, { store })
  await store.close()

  await expect(runs.start(operation, {}, contextOf())).rejects.toThrow()
  await expect.poll(() => runs.active()).toBe(0)
})

test('close() ends what is under way, which is lost for whoever asks later, and starts nothing more', async () => {
  const { runs, operation, store } = await runsFor(async (scope) => {
    scope.spend(0.5)
    return untilAborted(scope)
  })
  const { handle } = await runs.start(operation, {}, contextOf())

  await runs.close()
  const next = await runsFor(untilAborted, { store, owner: { instance: 'next', host: 'here', pid: process.pid } })

  expect(wordsOf(await next.runs.wait(handle, 0, contextOf()))).toMatch(/^lost: .* it had started .* and spent \$0\.5000/)
  expect((await next.runs.get(handle, contextOf().caller))?.status).toBe('lost')
  await expect(runs.execute(operation, {}, contextOf(), atOnce)).rejects.toThrow('stopping')
})

test('a run whose process was killed is lost, with its start and what it had spent', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-runs-'))
  const path = join(folder, 'runs.db')
  const program = join(import.meta.dirname, '../support/runs-owner-program.ts')
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  const { runs, store } = await runsFor(untilAborted, { path })
  const [line] = await once(child.stdout, 'data')
  const handle = String(line).trim()

  const before = await runs.get(handle, contextOf().caller)
  child.kill('SIGKILL')
  await once(child, 'close')
  const after = await runs.wait(handle, 60_000, contextOf())

  expect(before?.status).toBe('working')
  expect(wordsOf(after)).toContain(`it had started ${new Date(before?.startedAt ?? 0).toISOString()} and spent $0.2500`)
})

test('a run of another host is lost once it is past its deadline, since its process cannot be asked', async () => {
  let now = Date.now()
  const owner = (instance: string, host: string): Owner => ({ instance, host, pid: 1 })
  const { runs, operation, store } = await runsFor(untilAborted, { owner: owner('a', 'one'), clock: () => now })
  const { handle } = await runs.start(operation, {}, contextOf())
  const other = await runsFor(untilAborted, { store, owner: owner('b', 'two'), clock: () => now, deadlineMs: 1000 })

  expect((await other.runs.get(handle, contextOf().caller))?.status).toBe('working')
  now += 62_000
  expect((await other.runs.get(handle, contextOf().caller))?.status).toBe('lost')
})

test('what a run tells on its way goes to whoever watches it now', async () => {
  const told: string[] = []
  const { open, work } = gate()
  const { runs, operation } = await runsFor(async (scope) => {
    scope.progress({ progress: 1, message: 'begun' })
    const answer = await work()
    scope.progress({ progress: 2, message: 'ending' })
    scope.text('shown')
    return answer
  })
  const watch = (name: string) =>
    contextOf(
      {},
      { progress: ({ message }) => void told.push(`${name}: ${message}`), onText: (delta) => void told.push(`${name}: ${delta}`) },
    )

  const handle = handleIn(await runs.execute(operation, {}, watch('first'), atOnce))
  const waiting = runs.wait(handle, 60_000, watch('second'))
  open('done')
  await waiting

  expect(told).toEqual(['first: begun', 'second: ending', 'second: shown'])
})
