import { z } from 'zod'
import { type Message, textOf } from '../../models/message.ts'
import { defineSignal } from './signal.ts'
import { newestOperations, type ToolOperation } from './tool-operations.ts'

/**
 * Where a coding agent stands, from its newest tool results: a word for rules, after the stage score of NVIDIA's Switchyard.
 *
 * `critical`: the machine fails, or the conversation was just summed up. `failed`: the newest results hold an error.
 * `stuck`: errors, churning without a result, or long looking around add up. `settled`: tests passed after a change, and
 * nothing fails. `open`: nothing of this. The confidence is that of the score.
 */
export const stageNames = ['critical', 'failed', 'stuck', 'settled', 'open'] as const
export type StageName = (typeof stageNames)[number]

export interface StageFacts {
  /** 0 without an error; .3 an exit code other than 0, .7 a known kind of error, 1 one that no model can mend by trying again. */
  readonly severity: number
  /** Deep in the work it neither reads, plans nor writes. */
  readonly spinning: boolean
  /** Deep in the work it reads or plans, and does not write. */
  readonly exploring: boolean
  /** 0–1: of the newest operations that read, plan or write, those that write. */
  readonly production: number
}

export interface StageReading extends StageFacts {
  readonly stage: StageName
  /** From -1 (any model will do) to 1 (a capable one is needed). */
  readonly score: number
}

/** Tool results that count as new. */
const recent = 3
/** Operations before which looking around is how work begins. */
const deep = 8
const hardSeverity = 0.7
const unit = 0.1
const gain = 5
const sureFrom = 0.5

export function scoreStage({ severity, spinning, exploring, production }: StageFacts): number {
  return Math.tanh(gain * unit * (severity / hardSeverity + Number(spinning) + Number(exploring) - production))
}

export function readStage(history: readonly Message[]): StageReading {
  const operations = newestOperations(history, deep)
  const window = operations.filter(({ result }) => result !== undefined).slice(-recent)
  const kinds = window.map(kindOf)
  const count = (...wanted: readonly OperationKind[]) => kinds.filter((kind) => wanted.includes(kind)).length
  const [writes, looks] = [count('write'), count('read', 'plan')]
  const isIdle = operations.length >= deep && writes === 0
  const facts: StageFacts = {
    severity: Math.max(0, ...window.map(severityOf)),
    spinning: isIdle && looks === 0,
    exploring: isIdle && looks > 0,
    production: writes + looks === 0 ? 0 : writes / (writes + looks),
  }
  const score = scoreStage(facts)
  return { ...facts, score, stage: stageOf(facts, score, history, window) }
}

function stageOf(
  { severity, production }: StageFacts,
  score: number,
  history: readonly Message[],
  window: readonly ToolOperation[],
): StageName {
  if (severity >= 1 || isJustSummedUp(history)) return 'critical'
  if (newestResults(history).some(({ isError }) => isError)) return 'failed'
  const passed = window.some(({ result }) => result !== undefined && hasPassedTests(textOf(result.content)))
  if (passed && production > 0 && severity === 0) return 'settled'
  return score >= sureFrom ? 'stuck' : 'open'
}

type OperationKind = 'write' | 'read' | 'plan' | 'other'

const writing = /(?:^|[_.-])(?:write|edit|multi_?edit|notebook_?edit|create|insert|str_replace|replace|patch|apply_patch|append)/i
const reading = /(?:^|[_.-])(?:read|view|open|get|list|ls|search|find|grep|glob|fetch|cat)/i
const planning = /todo|plan/i
const shells = /^(?:bash|shell|shell_command|local_shell_call|terminal|exec_command|run_command)$/i
// A command that changes a file: it redirects into one, edits in place, or patches.
const writingCommand = /(?:^|[^<>0-9&=-])>{1,2}\s*[^\s&>|]|<<\s*['"]?EOF|\btee\s|\bsed\s+(?:-i|--in-place)|\bperl\s+-p?i|\bpatch\s/i
const readingCommand =
  /^\s*(?:cd\s+\S+\s*(?:&&|;)\s*)?(?:cat|rg|grep|ls|find|head|tail|wc|diff|which|tree|sed -n|jq|stat|less|git (?:status|diff|log|show|blame|grep))\b/

function kindOf({ call }: ToolOperation): OperationKind {
  if (shells.test(call.name)) {
    const command = Object.values(call.input)
      .filter((value) => typeof value === 'string')
      .join(' ')
    if (writingCommand.test(command)) return 'write'
    return readingCommand.test(command) ? 'read' : 'other'
  }
  if (planning.test(call.name)) return 'plan'
  if (writing.test(call.name)) return 'write'
  return reading.test(call.name) ? 'read' : 'other'
}

// What a person would call a failure of the machine, of the code, and of a command, in the words of the usual programs.
const criticalText = /out of memory|memoryerror|cannot allocate memory|connection refused|econnrefused|no space left on device/i
const hardText =
  /traceback \(most recent call last\)|modulenotfounderror|importerror|command not found|assertionerror|syntaxerror|timed out|timeouterror|deadline exceeded|no such file or directory|file does not exist/i
const exitCode = /exit(?:ed)?(?: with)? (?:code|status):? *(?!0\b)\d+|returned non-zero/i

/** A text counts only where the result itself says that it failed, or tells an exit code: a file that is read may hold any words. */
function severityOf({ result }: ToolOperation): number {
  if (result === undefined) return 0
  const text = ends(textOf(result.content))
  const failed = result.isError || exitCode.test(text)
  if (!failed) return 0
  if (criticalText.test(text)) return 1
  return hardText.test(text) ? hardSeverity : 0.3
}

const passedTests = /\b[1-9]\d* (?:tests? )?passed\b|\btests? passed\b|test result: ok|^ok\s+\S+/im
const failedTests = /\b[1-9]\d* (?:tests? )?(?:failed|failures?|errors?)\b|✗|fatal:|assertionerror/i

function hasPassedTests(text: string): boolean {
  const shown = ends(text)
  return passedTests.test(shown) && !failedTests.test(shown)
}

const summaryMarks =
  /this session is being continued from a previous conversation|<summary>|<compacted>|conversation (?:has been|was) (?:compacted|summari[sz]ed)/i

/** The summary stays at the head of what follows, so it counts for as long as little has been done on it. */
function isJustSummedUp(history: readonly Message[]): boolean {
  let operations = 0
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const message = history[index]
    if (message?.role === 'user' && summaryMarks.test(textOf(message.content).slice(0, 2000))) return true
    operations += message?.content.filter(({ type }) => type === 'tool-call').length ?? 0
    if (operations > recent) return false
  }
  return false
}

/** Those that came back since the model spoke last. */
function newestResults(history: readonly Message[]) {
  const last = history.at(-1)
  return last?.role === 'user' ? last.content.filter((part) => part.type === 'tool-result') : []
}

/** Programs tell how they ended at the end, and what they are at the beginning. */
function ends(text: string): string {
  return text.length <= 8000 ? text : `${text.slice(0, 2000)}\n${text.slice(-6000)}`
}

export const stage = defineSignal({
  value: 'text',
  is: 'where a coding agent stands by its newest tool results: `critical` (the machine fails, or the conversation was just summed up), `failed` (the newest result is an error), `stuck` (errors and long looking around add up), `settled` (tests passed after a change) or `open`',
  options: {},
  schema: z.strictObject({ kind: z.literal('stage') }),
  create: (name) => ({
    name,
    cost: 'scan',
    type: 'string',
    values: stageNames,
    trouble: {
      by: 'stage_escalation',
      of: (value) => (value === 'critical' || value === 'failed' || value === 'stuck' ? `the work is ${value} (${name})` : undefined),
    },
    read(step) {
      const { stage: value, score } = readStage(step.history)
      const isRead = value === 'critical' || value === 'failed'
      return { value, confidence: isRead ? 1 : Math.round(Math.abs(score) * 1000) / 1000 }
    },
  }),
})
