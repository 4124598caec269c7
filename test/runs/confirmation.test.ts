import { expect, test } from 'vitest'
import { anyPrincipal, openSqliteStore } from '../../memory/index.ts'
import type { CallContext } from '../../src/caller.ts'
import { createApprovals } from '../../src/runs/approvals.ts'
import { canAnswer, canElicit, saysYes } from '../../src/runs/confirmation.ts'
import type { Effect } from '../../src/runs/run.ts'
import { contextOf, dialogue, type RunsFixture, runsFor, text, wordsOf } from '../support/runs.ts'

const inTime = { handleAfterMs: 60_000 }
const effect: Effect = { tool: 'files_delete', argumentsHash: 'a'.repeat(64), effect: 'Run files_delete with exactly {"path":"x"}' }
const withDialogue = contextOf({ capabilities: dialogue })

function confirming(facts: Parameters<typeof runsFor>[1] = {}): Promise<RunsFixture> {
  return runsFor(async (scope) => text(await scope.confirm(effect)), { joinKey: () => 'same', ...facts })
}

async function pendingOf({ approvals }: RunsFixture): Promise<string> {
  return (await approvals.list(anyPrincipal))[0]?.id ?? ''
}

/** Starts and returns the handle under which the run waits for a person. */
async function parkedIn({ runs, operation }: RunsFixture, context: CallContext): Promise<string> {
  const result = await runs.execute(operation, {}, context, inTime)
  return result.kind === 'input-required' ? result.handle : (/ha_[0-9a-f]{32}/.exec(wordsOf(result))?.[0] ?? '')
}

test.each([
  ['yes', { action: 'accept', content: { confirm: true } }, 'accepted'],
  ['a form without a tick', { action: 'accept', content: { confirm: false } }, 'denied'],
  ['a decline', { action: 'decline' }, 'denied'],
  ['a word', 'accept', 'denied'],
  ['nothing', null, 'denied'],
])('confirm() by dialogue takes %s for its verdict', async (_name, response, verdict) => {
  const fixture = await confirming()
  const handle = await parkedIn(fixture, withDialogue)

  await fixture.runs.answer(handle, { confirmation: response }, withDialogue.caller)

  expect(wordsOf(await fixture.runs.wait(handle, 60_000, withDialogue))).toBe(verdict)
  expect(await fixture.approvals.list(anyPrincipal)).toEqual([])
})

test('confirm() by dialogue is decided as well where a person was quicker elsewhere', async () => {
  const fixture = await confirming()
  const handle = await parkedIn(fixture, withDialogue)

  await fixture.approvals.decide(anyPrincipal, await pendingOf(fixture), 'accepted', 'command line')
  await expect.poll(async () => (await fixture.runs.get(handle, withDialogue.caller))?.status).toBe('done')

  expect(wordsOf(await fixture.runs.wait(handle, 0, withDialogue))).toBe('accepted')
})

test('confirm() without a dialogue says at once what waits for whom and until when, and get_answer then waits for the verdict', async () => {
  const fixture = await confirming()
  const { runs, operation, approvals } = fixture

  const first = await runs.execute(operation, {}, contextOf(), inTime)
  const [approval] = await approvals.list('local')
  const waiting = runs.wait(approval?.handle ?? '', 60_000, contextOf())
  await approvals.decide(anyPrincipal, approval?.id ?? '', 'denied', 'command line')

  expect(wordsOf(first)).toContain(
    `signalbox approvals accept ${approval?.id} (or deny), until ${new Date(approval?.expiresAt ?? 0).toISOString()}`,
  )
  expect(wordsOf(await waiting)).toBe('denied')
})

test('confirm() waits for nobody longer than an approval lives', async () => {
  let now = Date.now()
  const store = await openSqliteStore({ path: ':memory:' })
  const fixture = await confirming({ store, approvals: createApprovals(store.rows, () => now) })
  const handle = await parkedIn(fixture, contextOf())

  now += 5 * 60_000
  const late = await fixture.approvals.decide(anyPrincipal, await pendingOf(fixture), 'accepted', 'command line')

  expect(late).toBeUndefined()
  expect(wordsOf(await fixture.runs.wait(handle, 60_000, contextOf()))).toBe('expired')
})

test('another process sees what a run waits for, in full', async () => {
  const fixture = await confirming()
  const handle = await parkedIn(fixture, contextOf())
  const other = await confirming({ store: fixture.store, owner: { instance: 'other', host: 'elsewhere', pid: 1 } })

  const seen = await other.runs.wait(handle, 0, contextOf())

  expect(wordsOf(seen)).toContain(`needs_approval: ${effect.effect}`)
  expect(wordsOf(seen)).toContain(await pendingOf(fixture))
})

test('a repeated call joins the run that waits, and what was confirmed runs once', async () => {
  const fixture = await confirming()
  const { runs, operation, approvals, begun } = fixture
  await runs.execute(operation, {}, contextOf(), inTime)

  const again = await runs.execute(operation, {}, contextOf(), inTime)
  const [approval, ...others] = await approvals.list('local')
  await approvals.decide(anyPrincipal, approval?.id ?? '', 'accepted', 'command line')
  await expect.poll(() => runs.active()).toBe(0)
  const third = await runs.execute(operation, {}, contextOf(), inTime)

  expect(wordsOf(again)).toContain(approval?.id)
  expect(others).toEqual([])
  expect(wordsOf(third)).toBe('accepted')
  expect(begun()).toBe(1)
})

test.each([
  ['principal', { principal: 'key:1' }],
  ['profile', { profile: 'narrow' }],
])('a repeated call of another %s does not join', async (_name, caller) => {
  const fixture = await confirming()
  await fixture.runs.execute(fixture.operation, {}, contextOf(), inTime)

  await fixture.runs.execute(fixture.operation, {}, contextOf(caller), inTime)

  expect(fixture.begun()).toBe(2)
})

test('an accepted approval counts for one run of exactly the same effect and principal', async () => {
  const { approvals } = await confirming()
  const { id } = await approvals.create({ ...effect, principal: 'local', handle: 'ha_1' })
  await approvals.decide(anyPrincipal, id, 'accepted', 'command line')

  expect(await approvals.take('key:1', effect)).toBe(false)
  expect(await approvals.take('local', { ...effect, argumentsHash: 'b'.repeat(64) })).toBe(false)
  expect(await approvals.take('local', { ...effect, tool: 'files_read' })).toBe(false)
  expect(await Promise.all([approvals.take('local', effect), approvals.take('local', effect)])).toEqual([true, false])
})

test('decide() is for the principal of the approval, and for the owner of the instance', async () => {
  const { approvals } = await confirming()
  const { id } = await approvals.create({ ...effect, principal: 'local', handle: 'ha_1' })

  expect(await approvals.decide('key:1', id, 'accepted', 'elicitation')).toBeUndefined()
  expect(await approvals.get('key:1', id)).toBeUndefined()
  expect(await approvals.list('key:1')).toEqual([])
  expect((await approvals.decide(anyPrincipal, id, 'accepted', 'command line'))?.status).toBe('accepted')
})

test('nobody can say yes to what was cancelled', async () => {
  const fixture = await confirming()
  const handle = await parkedIn(fixture, contextOf())
  const id = await pendingOf(fixture)

  await fixture.runs.cancel(handle, contextOf().caller)

  expect(await fixture.approvals.decide(anyPrincipal, id, 'accepted', 'command line')).toBeUndefined()
})

test('a yes that came after the process had stopped counts for the same call of the next one', async () => {
  const fixture = await confirming()
  await parkedIn(fixture, contextOf())
  await fixture.runs.close()
  const next = await confirming({ store: fixture.store })

  await next.approvals.decide(anyPrincipal, await pendingOf(fixture), 'accepted', 'command line')

  expect(wordsOf(await next.runs.execute(next.operation, {}, contextOf(), inTime))).toBe('accepted')
})

test('canElicit() knows a client that shows forms from one that only opens pages', () => {
  const caller = (capabilities: Record<string, unknown>) => contextOf({ capabilities }).caller
  const request = (mode: string) => ({ a: { method: 'elicitation/create' as const, params: { mode } } })

  expect(canElicit(caller({}))).toBe(false)
  expect(canElicit(caller({ elicitation: {} }))).toBe(true)
  expect(canElicit(caller({ elicitation: { form: {} } }))).toBe(true)
  expect(canElicit(caller({ elicitation: { url: {} } }))).toBe(false)
  expect(canAnswer(caller({ elicitation: { url: {} } }), request('url'))).toBe(true)
  expect(canAnswer(caller({ elicitation: {} }), request('url'))).toBe(false)
  expect(canAnswer(caller({ elicitation: {} }), { a: { method: 'sampling/createMessage', params: {} } })).toBe(false)
  expect(saysYes({ action: 'accept' })).toBe(false)
})
