import type { Command } from 'commander'
import type { Estimate } from '../../evaluation/off-policy.ts'
import type { HistoryReplay } from '../../replay/history.ts'
import type { Flip } from '../../replay/replay.ts'
import { duration, wholeNumber } from '../given.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import { policyArgument } from '../policy-argument.ts'
import type { Terminal } from '../terminal.ts'

interface ReplayOptions extends GlobalOptions {
  readonly policy: string
  readonly since: number
  readonly flips: number
}

const weekMs = 7 * 86_400_000

export function addReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .description('make recorded decisions again under another policy: what would change, at what cost')
    .requiredOption('--policy <policy>', 'a shipped policy, or the path of a policy file')
    .option('--since <time>', 'how far back: 90s, 30m, 12h, 7d; seven days unless told', duration('--since'), weekMs)
    .option('--flips <count>', 'how many steps that would go elsewhere are listed; 20 unless told', wholeNumber('--flips'), 20)
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReplayOptions>()
      const policy = policyArgument(options.policy, terminal)
      const progress = createProgressLine(terminal)
      await withSignalbox(terminal, options, async (signalbox) => {
        const replayed = await signalbox
          .replay({
            policy,
            since: Date.now() - options.since,
            signal: terminal.signal,
            onProgress: (done, all) => progress.count(done, all, 'steps'),
          })
          .finally(() => progress.clear())
        if (options.json === true) printJson(terminal, inFields(replayed, options))
        else printText(terminal, inWords(replayed, options))
      })
    })
}

function inFields({ cost, latency, quality, flips, from, to, ...report }: HistoryReplay, options: ReplayOptions) {
  return {
    policy: report.policy,
    policies_before: report.before,
    steps: report.steps,
    skipped: report.skipped,
    older_left_out: report.more,
    from: timeOf(from),
    to: timeOf(to),
    pools: report.pools,
    models: report.models,
    cost: {
      steps: cost.steps,
      unpriced_steps: cost.unpriced,
      recorded_usd: cost.recordedUsd,
      before_usd: cost.beforeUsd,
      after_usd: cost.afterUsd,
    },
    latency_ms: { steps: latency.steps, before: latency.beforeMs, after: latency.afterMs },
    quality: {
      rated_steps: quality.steps,
      rated_steps_unchanged: quality.overlapping,
      before: quality.logged,
      after_inverse_propensity: quality.inversePropensity,
      after_doubly_robust: quality.doublyRobust,
    },
    changed_steps: flips.length,
    flips: flips.slice(0, options.flips).map((flip) => ({
      decision: flip.decision,
      at: timeOf(flip.at),
      text: flip.text,
      before: flip.before,
      after: flip.after,
      before_usd: flip.beforeUsd,
      after_usd: flip.afterUsd,
    })),
  }
}

function inWords(replayed: HistoryReplay, options: ReplayOptions): string {
  const { steps, skipped, more, flips, policy, before } = replayed
  const left = [
    skipped > 0 ? `${skipped} decisions keep no step and are left out.` : '',
    more ? 'Older decisions are left out: only the newest 20,000 are looked at.' : '',
  ].filter((line) => line !== '')
  if (steps === 0) return ['Nothing to replay: no decision of that time keeps its step.', ...left].join('\n')
  const blocks = [
    [
      `${steps} steps from ${timeOf(replayed.from)} to ${timeOf(replayed.to)} under ${policy}, which ${before.join(', ')} decided: ${flips.length} would go to another model.`,
      ...left,
    ].join('\n'),
    table([['pool', 'before', 'after'], ...Object.entries(replayed.pools).map(([name, one]) => [name, `${one.before}`, `${one.after}`])]),
    table([['model', 'before', 'after'], ...Object.entries(replayed.models).map(([name, one]) => [name, `${one.before}`, `${one.after}`])]),
    [...costInWords(replayed), ...latencyInWords(replayed), ...qualityInWords(replayed)].join('\n'),
  ]
  const shown = flips.slice(0, options.flips)
  if (shown.length > 0) blocks.push(['Steps that would go elsewhere:', ...shown.map(flipInWords)].join('\n'))
  if (flips.length > shown.length) blocks.push(`${flips.length - shown.length} more: --flips ${flips.length} shows all of them.`)
  return blocks.join('\n\n')
}

function costInWords({ cost }: HistoryReplay): string[] {
  if (cost.steps + cost.unpriced === 0) return ['Cost: none of these steps was dispatched, so nothing is said of it.']
  if (cost.steps === 0) return ['Cost: of no dispatched step both prices are known.']
  const unpriced = cost.unpriced === 0 ? '' : `; ${cost.unpriced} steps of unknown price are left out`
  const change = cost.beforeUsd === 0 ? '' : ` (${(cost.afterUsd / cost.beforeUsd).toFixed(2)}x)`
  return [
    `Cost of ${cost.steps} dispatched steps, prompt caches simulated and answers as long as they were: $${cost.beforeUsd.toFixed(4)} before, $${cost.afterUsd.toFixed(4)} after${change}; $${cost.recordedUsd.toFixed(4)} were paid${unpriced}.`,
  ]
}

function latencyInWords({ latency }: HistoryReplay): string[] {
  if (latency.beforeMs === null || latency.afterMs === null) return []
  return [
    `Time of an answer, by what each model took in this history (${latency.steps} steps): ${Math.round(latency.beforeMs)} ms before, ${Math.round(latency.afterMs)} ms after.`,
  ]
}

function qualityInWords({ quality }: HistoryReplay): string[] {
  const { steps, overlapping, logged, inversePropensity, doublyRobust } = quality
  if (logged === null) return ['Quality: no step of these was rated, so nothing is said of it. The tool `rate` rates a step.']
  const share = ({ value, low, high }: Estimate) =>
    `${(100 * value).toFixed(1)} % (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`
  const inverse =
    inversePropensity === null
      ? 'cannot be told by inverse propensity, since no rated step would stay'
      : `${share(inversePropensity)} by inverse propensity`
  const robust = doublyRobust === null ? '' : `, ${share(doublyRobust)} doubly robust`
  return [
    `Good steps, of ${steps} that were rated, ${overlapping} of which would stay: ${share(logged)} before; after: ${inverse}${robust}.`,
  ]
}

function flipInWords({ decision, at, text, before, after, beforeUsd, afterUsd }: Flip): string {
  const usd = (value: number | null) => (value === null ? 'price unknown' : `$${value.toFixed(4)}`)
  const said = text.replace(/\s+/g, ' ').trim()
  return `  ${timeOf(at)}  ${before.model ?? 'nobody'} (${before.rule}, ${usd(beforeUsd)}) -> ${after.model ?? 'nobody'} (${after.rule}, ${usd(afterUsd)})  ${decision}  ${said === '' ? '(no words)' : said}`
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
