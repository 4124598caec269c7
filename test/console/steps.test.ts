import { afterAll, expect, test } from 'vitest'
import { readStep } from '../../src/console/steps.ts'
import { servicesFor } from '../support/services.ts'

const { services, store } = await servicesFor()
afterAll(() => store.close())

async function opened(grounding: unknown) {
  const id = `de_${'0'.repeat(32)}`
  const outcome = { text: 'It leaves at 07:40. It is blue.', attempts: [], grounding }
  await services.decisions.record('local', { id, thread: undefined, parent: undefined, plan: {}, recorded: {}, outcome })
  return (await readStep(services, id))?.outcome?.grounding
}

test('readStep() gives the verdict on an answer with the places that nothing bears, and none where it cannot be read', async () => {
  const verdict = { verdict: 'partly', claims: 2, share: 0.5, unborne: [{ start: 20, end: 31, score: 0.2, why: 'meaning' }] }

  expect(await opened(verdict)).toEqual(verdict)
  expect(await opened({ verdict: 'unscored', unborne: [], why: 'no embedder' })).toMatchObject({ verdict: 'unscored', why: 'no embedder' })
  expect(await opened({ verdict: 'splendid' })).toBeNull()
  expect(await opened(undefined)).toBeNull()
})
