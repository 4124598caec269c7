import type { LearningReport } from '../../learning/learning.ts'
import type { Signalbox } from '../../signalbox.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'

const shownTools = 20
const shownPairs = 10

/** Learns now, or shows what learning would change. */
export async function learn(signalbox: Signalbox, options: GlobalOptions & { dryRun?: boolean }, terminal: Terminal): Promise<void> {
  const progress = createProgressLine(terminal)
  const report = await signalbox
    .learnTools({
      dryRun: options.dryRun === true,
      signal: terminal.signal,
      onProgress: (share) => progress.count(Math.round(share * 100), 100, '%'),
    })
    .finally(() => progress.clear())
  if (options.json === true) printJson(terminal, inFields(report, options))
  else printText(terminal, inWords(report, options))
}

function inFields(
  { verdict, principals, outcomes, heldBack, tools, together, togetherSay, applied }: LearningReport,
  { dryRun }: { dryRun?: boolean },
) {
  return {
    outcomes,
    callers: principals.length,
    held_back: heldBack,
    decision: verdict.decision,
    reason: verdict.reason,
    compared: verdict.compared,
    ndcg_at_5: { static: verdict.gains.static, current: verdict.gains.current ?? null, candidate: verdict.gains.candidate },
    dry_run: dryRun === true,
    applied,
    tools: tools.map(({ name, accepted, failed, other, before, after }) => ({
      name,
      accepted,
      failed,
      other,
      place_before: before ?? null,
      place_after: after ?? null,
    })),
    together_say: togetherSay,
    together,
  }
}

function inWords(
  { verdict, principals, outcomes, heldBack, tools, together, togetherSay, applied }: LearningReport,
  { dryRun }: { dryRun?: boolean },
): string {
  const { gains, compared, reason, decision } = verdict
  const callers = principals.length === 1 ? 'one caller' : `${principals.length} callers`
  if (outcomes === 0) return 'Nothing to learn from: no call of a tool that a search had led to is known.'
  const moving = tools.filter(({ before, after }) => before !== undefined && after !== undefined && Math.abs(before - after) >= 0.05)
  const rows = moving
    .slice(0, shownTools)
    .map(({ name, accepted, failed, other, before = 0, after = 0 }) => [
      name,
      `${accepted}`,
      `${failed}`,
      `${other}`,
      `${before.toFixed(1)} -> ${after.toFixed(1)}`,
    ])
  const figure = (gain: number | undefined) => (gain === undefined ? 'none' : gain.toFixed(3))
  const done = { promote: 'it ranks from now on', rollback: 'what ranked is gone', keep: 'nothing changes' }[decision]
  const would = { promote: 'it would rank', rollback: 'what ranks would go', keep: 'nothing would change' }[decision]
  return [
    `${outcomes} calls of ${callers} teach, ${heldBack} of them are held back to judge by.`,
    `nDCG@5 over ${compared} of those: ${figure(gains.static)} as shipped, ${figure(gains.current)} as it ranks now, ${figure(gains.candidate)} as learnt.`,
    `${decision}: ${reason}; ${dryRun === true ? would : applied || decision === 'keep' ? done : 'another process came first'}.`,
    ...(rows.length === 0
      ? ['No tool would move.']
      : [
          '',
          'Tools that move, by their mean place for the needs that they served:',
          table([['tool', 'accepted', 'failed', 'other', 'place'], ...rows]),
        ]),
    ...(together.length === 0
      ? []
      : [
          '',
          `Tools that were used together${togetherSay === 0 ? '; that says nothing in the ranking, since it did not help' : ''}:`,
          table([
            ['tool', 'along with it', 'surely'],
            ...together.slice(0, shownPairs).map(({ tool, along, lower }) => [tool, along, `${Math.floor(100 * lower)} %`]),
          ]),
        ]),
    ...(moving.length > shownTools ? [`and ${moving.length - shownTools} more (--json shows all)`] : []),
  ].join('\n')
}
