import { describe, expect, test } from 'vitest'
import type { LearnerState } from '../../src/learning/routing/kept-learners.ts'
import { evaluateLearner } from '../../src/learning/routing/promotion.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { answered, runLine, scriptedSignalbox } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const shadow: LearnerState = { name: 'agents', stage: 'shadow', since: 0, by: 'start', why: 'so it begins', lessons: { local: 3 } }

function routed(routing: Partial<Signalbox['routing']>) {
  const scripted = scriptedSignalbox({})
  const open: typeof scripted.open = async (...given) => {
    const signalbox = await scripted.open(...given)
    return { ...signalbox, routing: { ...signalbox.routing, ...routing } }
  }
  return { openSignalbox: open }
}

describe('outcomes', () => {
  test('rate says who decides how a decision turned out', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ rate: () => answered({ verdicts: 1 }, 'Recorded wrong for de_1.') })

    const { out } = await runLine(folders, ['outcomes', 'rate', 'de_1', 'wrong', '--note', 'too short'], { openSignalbox: signalbox.open })

    expect(out).toBe('Recorded wrong for de_1.\n')
    expect(signalbox.asked[0]?.input).toEqual({ decision: 'de_1', outcome: 'wrong', note: 'too short' })
  })

  test('show prints each model in each domain and with each tool', async () => {
    using folders = createConfigFolders()
    const facts = { good: 9, bad: 1, mean: 0.9, lower: 0.6 }
    const box = routed({
      reputations: () => [
        { model: 'a/one', ...facts, drifting: false },
        { model: 'a/one', topic: { domain: 'law' }, ...facts, drifting: true },
        { model: 'a/one', topic: { tool: 'files_read' }, ...facts, drifting: false },
      ],
    })

    const { out } = await runLine(folders, ['outcomes', 'show'], box)

    expect(out).toMatch(/a\/one +all steps +9\.0 +1\.0 +0\.90 +0\.60/)
    expect(out).toMatch(/a\/one +law .*changed of late/)
    expect(out).toContain('tool files_read')
    expect((await runLine(folders, ['outcomes', 'show'], routed({ reputations: () => [] }))).out).toBe('Nothing is known yet.\n')
  })

  test('export writes one line for each thing that was seen', async () => {
    using folders = createConfigFolders()
    const box = routed({
      async *entries() {
        yield { principal: 'local', at: 1, of: 'de_1', sign: 'good', source: 'person' } as const
        yield { principal: 'bob', at: 2, of: 'de_2', sign: 'wrong', source: 'model' } as const
      },
    })

    const { out } = await runLine(folders, ['outcomes', 'export'], box)

    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { of: string })
        .map(({ of }) => of),
    ).toEqual(['de_1', 'de_2'])
  })
})

describe('selectors', () => {
  test('list says where each stands and what it lacks', async () => {
    using folders = createConfigFolders()
    const box = routed({ learners: async () => [{ ...shadow, evaluation: evaluateLearner(shadow, []) }] })

    const { out } = await runLine(folders, ['selectors', 'list'], box)
    const { out: json } = await runLine(folders, ['selectors', 'list', '--json'], box)

    expect(out).toContain('agents: shadow since 1970-01-01T00:00:00.000Z (start: so it begins). 0 judged steps are too few: 50 are needed.')
    expect(JSON.parse(json)).toMatchObject({ selectors: [{ selector: 'agents', stage: 'shadow', lessons: 3, judged_steps: 0 }] })
  })

  test.each([
    ['promote', 'up'],
    ['demote', 'down'],
  ])('%s moves one by one stage, and fails for one that is not there', async (verb, direction) => {
    using folders = createConfigFolders()
    const moves: unknown[] = []
    const box = routed({
      async move(name, way) {
        moves.push([name, way])
        return name === 'agents' ? { ...shadow, stage: 'canary', by: 'hand' } : undefined
      },
    })

    expect((await runLine(folders, ['selectors', verb, 'agents'], box)).out).toBe('"agents" is canary now.\n')
    const { code, err } = await runLine(folders, ['selectors', verb, 'nobody'], box)

    expect(code).toBe(1)
    expect(err).toContain('There is no selector "nobody" that has learnt something')
    expect(moves).toEqual([
      ['agents', direction],
      ['nobody', direction],
    ])
  })
})
