import { expect, test } from 'vitest'
import { relayedTool } from '../../src/mcp/relay.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { contextOf, runsFor, text, wordsOf } from '../support/runs.ts'

test('relayedTool() joins a repeated call while a person is waited for, so that a yes runs it once', async () => {
  const { runs, approvals } = await runsFor(async () => text('unused'))
  let ran = 0
  const direct: Pick<Signalbox['direct'], 'call'> = {
    async call(tool, args, scope) {
      await scope.confirm({ tool: tool.name, argumentsHash: 'a', effect: JSON.stringify(args) })
      ran += 1
      return text('removed')
    },
  }
  const tool = { name: 'remove', server: 's', tool: 'remove', description: '', inputSchema: {}, definition: {}, readOnly: false, hash: '' }
  const call = (args: object) => runs.execute(relayedTool({ direct } as Signalbox, tool), args, contextOf(), { handleAfterMs: 60_000 })

  await call({ a: 1, b: 2 })
  await call({ b: 2, a: 1 })
  const [approval, ...others] = await approvals.list('local')
  await approvals.decide('local', approval?.id ?? '', 'accepted', 'test')
  await expect.poll(() => runs.active()).toBe(0)
  const last = await call({ a: 1, b: 2 })

  expect(others).toEqual([])
  expect(wordsOf(last)).toBe('removed')
  expect(ran).toBe(1)
})
