import { expect, test } from 'vitest'
import { recordedStepSchema } from '../../policies/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn } from '../support/stand-in-provider.ts'

test('a decision keeps the step that it would be made again from, without secrets, and who could not be called', async () => {
  const key = `AKIA${'Q'.repeat(16)}`
  const quick = [pool('quick', [deployment('a/m'), deployment('b/m')])]
  const line = await lineOf({ pools: quick, providers: [standIn('a', { fails: 'auth' }), standIn('b', { text: 'Hi' })] })
  const ask = () =>
    dispatchStep(
      line,
      {
        principal: 'local',
        client: undefined,
        thread: undefined,
        messages: [{ role: 'user', content: [{ type: 'text', text: `use ${key} please` }] }],
        roles: ['owner'],
      },
      { signal: new AbortController().signal },
    )
  await ask()

  const { plan } = await ask()

  const { recorded } = (await line.decisions.get('local', plan.decision)) as { recorded: { step: unknown; resting: string[] } }
  expect(recordedStepSchema.parse(recorded.step)).toMatchObject({
    text: 'use [aws-access-key] please',
    roles: ['owner'],
    kind: 'user_turn',
  })
  expect(JSON.stringify(recorded)).not.toContain(key)
  expect(recorded.resting).toEqual(['a/m'])
})
