import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import type { Store } from '../../memory/store.ts'
import { type Approvals, createApprovals } from '../../src/runs/approvals.ts'
import { runLine } from '../support/cli-terminal.ts'
import { type ConfigFolders, createConfigFolders } from '../support/config-folders.ts'

let folders: ConfigFolders
let store: Store
let approvals: Approvals

/** Another process has the store open and waits, as a running Signalbox does. */
beforeEach(async () => {
  folders = createConfigFolders()
  store = await openSqliteStore({ path: join(folders.data, 'signalbox.db'), retention: { days: 1, gigabytes: 1 } })
  approvals = createApprovals(store.rows)
})

afterEach(async () => {
  await store.close()
  folders[Symbol.dispose]()
})

const pending = (principal: string) =>
  approvals.create({
    tool: 'files_write',
    argumentsHash: 'a'.repeat(64),
    effect: `files_write {"for":"${principal}"}`,
    principal,
    handle: 'ha_1',
  })

test('approvals list shows what waits for each caller of the instance', async () => {
  const [local, far] = [await pending('local'), await pending('key:1')]

  const { out } = await runLine(folders, ['approvals', 'list', '--json'])
  const words = await runLine(folders, ['approvals', 'list'])

  expect(
    JSON.parse(out)
      .approvals.map((one: { id: string }) => one.id)
      .toSorted(),
  ).toEqual([local.id, far.id].toSorted())
  expect(words.out).toContain('files_write {"for":"key:1"}')
})

test.each([
  ['accept', 'accepted'],
  ['deny', 'denied'],
] as const)('approvals %s gives the waiting process its verdict, once', async (verb, verdict) => {
  const approval = await pending('key:1')
  const waiting = approvals.verdict(approval, new AbortController().signal)

  const { code, out } = await runLine(folders, ['approvals', verb, approval.id])

  expect(code).toBe(0)
  expect(out).toContain(approval.effect)
  expect(await waiting).toBe(verdict)
  expect((await runLine(folders, ['approvals', verb, approval.id])).code).toBe(1)
})

test('approvals accept says that an unknown id waits for nothing', async () => {
  const { code, err } = await runLine(folders, ['approvals', 'accept', 'ap_unknown'])

  expect({ code, err }).toEqual({ code: 1, err: 'No approval "ap_unknown" waits: it was decided, has expired, or never was\n' })
})
