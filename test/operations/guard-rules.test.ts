import { expect, test } from 'vitest'
import { noTaint } from '../../models/taint.ts'
import { parsePolicy } from '../../policies/index.ts'
import { guardRulesOf } from '../../src/computer/guard-rules.ts'
import { judgeAction } from '../../tools/computer/guard/guard.ts'
import { deployment, pool } from '../support/deployments.ts'

test('guardRulesOf() has the guard do what the policy says', async () => {
  const surroundings = { source: 'test.yaml', pools: [pool('quick', [deployment('a/quick')])], embedder: undefined }
  const guards = { computer: { domains: ['shop.example'], allow: ['send'], deny: ['delete'], confirm: ['credential'] } }
  const policy = parsePolicy({ name: 'p', default: { prefer: 'first', guards } }, surroundings)
  const click = { type: 'click', button: 'left', count: 1, modifiers: [] } as const
  const verdict = async (label: string, url: string) =>
    (await judgeAction({ action: click, taint: noTaint, label, role: 'button', url }, { rules: guardRulesOf(policy.default.guards) }))
      .verdict

  expect(await verdict('Send', 'https://shop.example/')).toBe('allow')
  expect(await verdict('Buy now', 'https://shop.example/')).toBe('confirm')
  expect(await verdict('Delete account', 'https://shop.example/')).toBe('deny')
  expect(await verdict('Change password', 'https://shop.example/')).toBe('confirm')
  expect(await verdict('Menu', 'https://other.example/')).toBe('deny')
  expect(guardRulesOf(undefined)).toMatchObject({ allow: [], deny: [], onUnscored: 'confirm' })
})
