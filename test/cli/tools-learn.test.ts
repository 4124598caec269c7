import { expect, test } from 'vitest'
import type { LearningReport } from '../../src/learning/learning.ts'
import { runLine, scriptedSignalbox } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const report = {
  candidate: { id: 'm' } as LearningReport['candidate'],
  verdict: { decision: 'promote', compared: 30, gains: { static: 0.5, current: undefined, candidate: 0.75 }, reason: 'It ranks best' },
  principals: ['local'],
  outcomes: 120,
  heldBack: 30,
  tools: [
    { name: 'files_read', accepted: 40, failed: 2, other: 1, before: 4.2, after: 1.1 },
    { name: 'files_list', accepted: 0, failed: 3, other: 0 },
  ],
  together: [{ tool: 'files_list', along: 'files_read', lower: 0.637 }],
  togetherSay: 0.4,
  applied: false,
} satisfies LearningReport

async function learn(args: readonly string[], facts: Partial<LearningReport> = {}) {
  using folders = createConfigFolders()
  const signalbox = scriptedSignalbox({})
  const asked: boolean[] = []
  const open: typeof signalbox.open = async (...given) => ({
    ...(await signalbox.open(...given)),
    learnTools: async ({ dryRun }) => {
      asked.push(dryRun)
      return { ...report, ...facts }
    },
  })
  const { code, out } = await runLine(folders, ['tools', 'learn', ...args], { openSignalbox: open })
  return { code, out, asked }
}

test('tools learn --dry-run shows the evidence, the figures and what would move', async () => {
  const { code, out, asked } = await learn(['--dry-run'])

  expect({ code, asked }).toEqual({ code: 0, asked: [true] })
  expect(out).toBe(
    `120 calls of one caller teach, 30 of them are held back to judge by.
nDCG@5 over 30 of those: 0.500 as shipped, none as it ranks now, 0.750 as learnt.
promote: It ranks best; it would rank.

Tools that move, by their mean place for the needs that they served:
tool        accepted  failed  other  place
files_read  40        2       1      4.2 -> 1.1

Tools that were used together:
tool        along with it  surely
files_list  files_read     63 %
`,
  )
})

test('tools learn says what has changed, and gives each tool with --json', async () => {
  expect((await learn([], { applied: true })).out).toContain('promote: It ranks best; it ranks from now on.')
  expect((await learn([], { applied: false })).out).toContain('another process came first')
  expect((await learn([], { outcomes: 0 })).out).toBe('Nothing to learn from: no call of a tool that a search had led to is known.\n')

  const { out } = await learn(['--json', '--dry-run'])
  expect(JSON.parse(out)).toMatchObject({
    outcomes: 120,
    callers: 1,
    held_back: 30,
    decision: 'promote',
    ndcg_at_5: { static: 0.5, current: null, candidate: 0.75 },
    dry_run: true,
    applied: false,
    tools: [
      { name: 'files_read', place_before: 4.2, place_after: 1.1 },
      { name: 'files_list', place_before: null },
    ],
  })
})
