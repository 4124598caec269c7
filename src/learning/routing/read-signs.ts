import { isDeepStrictEqual } from 'node:util'
import { type Message, type ToolCallPart, type ToolResultPart, textOf } from '../../../models/message.ts'
import type { Step } from '../../../policies/index.ts'
import type { SeenSign } from './signs.ts'

/**
 * What a step's own history shows of how the step before it turned out: results of its calls, or what the person says next.
 *
 * Faults of the surroundings say nothing of a model and are left out. What stands in the text of results counts only where nobody
 * else can have written it.
 */
export function readSigns(step: SignedStep): SeenSign[] {
  if (step.kind === 'continuation') return signsOfResults(step)
  return step.kind === 'user_turn' ? signsOfTurn(step) : []
}

/** What a person says of an answer by its meaning, where no known wording tells. */
export async function readSignsByMeaning(step: SignedStep, feedbackIn: FeedbackIn): Promise<SeenSign[]> {
  const isAfterAnswer = step.history.some(({ role }) => role === 'assistant')
  if (step.kind !== 'user_turn' || step.text.trim() === '' || !isAfterAnswer || step.text.length > longestRemark) return []
  const feedback = await feedbackIn(step.text)
  const sign = feedback === 'wrong' ? 'corrected' : feedback === 'satisfied' ? 'satisfied' : undefined
  return sign === undefined ? [] : [{ sign, source: 'person' }]
}

type SignedStep = Pick<Step, 'kind' | 'text' | 'history' | 'taint'>
export type FeedbackIn = (text: string) => Promise<'satisfied' | 'clarification' | 'wrong' | 'different' | undefined>

/** Who says more than that has a new request in mind. */
const longestRemark = 400

function signsOfResults({ history, taint }: Pick<Step, 'history' | 'taint'>): SeenSign[] {
  const results = (history.at(-1)?.content ?? []).filter((part) => part.type === 'tool-result')
  const asked = callsOf(history.findLast(({ role }) => role === 'assistant'))
  const earlier = history.slice(0, -2).flatMap((message) => callsOf(message.role === 'assistant' ? message : undefined))
  const found = results.flatMap((result): SeenSign[] => {
    const about = { source: 'harness', tool: result.name, call: result.id } as const
    if (result.isError) return isOfSurroundings(textOf(result.content)) ? [] : [{ ...about, sign: 'tool_error' }]
    const tests = taint.untrustedRead ? undefined : testsIn(result)
    return [{ ...about, sign: 'tool_ok' }, ...(tests === undefined ? [] : [{ sign: tests, source: 'harness' } as const])]
  })
  const repeats = asked.some((call) => earlier.some((one) => one.name === call.name && isDeepStrictEqual(one.input, call.input)))
  return repeats ? [...found, { sign: 'repeated', source: 'harness' }] : found
}

function callsOf(message: Message | undefined): ToolCallPart[] {
  return (message?.content ?? []).filter((part) => part.type === 'tool-call')
}

function signsOfTurn({ text, history }: Pick<Step, 'text' | 'history'>): SeenSign[] {
  const said = text.slice(0, 300)
  if (said.trim() === '' || !history.some(({ role }) => role === 'assistant')) return []
  const before = history.slice(
    0,
    history.findLastIndex(({ role }) => role === 'assistant'),
  )
  const asked = textOf(before.findLast(({ role }) => role === 'user')?.content ?? [])
  if (plain(asked) === plain(text)) return [{ sign: 'retried', source: 'harness' }]
  if (corrections.some((one) => one.test(said))) return [{ sign: 'corrected', source: 'person' }]
  if (praise.test(said) && !/\b(but|however|except|although)\b/i.test(said)) return [{ sign: 'satisfied', source: 'person' }]
  return []
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, ' ')
    .trim()
}

/** "No, I meant the other file", "That is not what I asked", "It still fails". */
const corrections = [
  /^\W*(no|nope|wrong|incorrect|not (quite|right|correct|what)|try again|undo (that|this|it))\b/i,
  /\b(that|this|it|which) ?('s|is|was) (wrong|incorrect|not (right|correct|what i))/i,
  /\bnot what i (asked|meant|wanted|said)\b/i,
  /\b(still|does(n't| not)|did(n't| not)) (fails?|work|compile|pass|help)\b|\bstill (broken|wrong|failing|not)\b/i,
  /^\W*(i said|i meant|you (forgot|missed|misunderstood|ignored|didn't|did not))\b/i,
]
/** "Thanks, that works". */
const praise = /^\W*(thanks|thank you|perfect|great|excellent|exactly|(that|it|this) works|works now|well done)\b/i

/** Networks, limits, keys and other people's outages: "failed with HTTP status 503", "connect ECONNREFUSED", "API key is invalid". */
const surroundings = [
  /\bE(CONNREFUSED|CONNRESET|NOTFOUND|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN|PIPE)\b|socket hang up|fetch failed|network|dns/i,
  /\btime(d)?[- ]?out\b|did not answer within/i,
  /\b(429|5\d\d)\b|rate.?limit|too many requests|quota|overloaded|temporarily unavailable|service unavailable|bad gateway/i,
  /\b(401|403)\b|unauthori[sz]ed|forbidden|api.?key|credentials|log ?in|not logged in|token (has )?expired/i,
  /\bdenied\b|was not allowed|the person said no|needs approval/i,
]

function isOfSurroundings(text: string): boolean {
  const told = text.slice(0, 1000)
  return surroundings.some((one) => one.test(told))
}

/** `5 passed in 0.1s`, `Tests  2 failed | 10 passed`, `test result: ok. 12 passed; 0 failed`, `12 passing`, `# fail 0`, `--- FAIL: TestA`. */
function testsIn(result: ToolResultPart): 'tests_passed' | 'tests_failed' | undefined {
  const text = textOf(result.content).slice(-4000)
  if (/\b[1-9]\d* (failed|failing|failures?)\b|^# fail [1-9]|^(--- )?FAIL\b|^not ok\b/m.test(text)) return 'tests_failed'
  if (/\b[1-9]\d* (passed|passing)\b|^# pass [1-9]|^ok\s+\S+\s+[\d.]+s$/m.test(text)) return 'tests_passed'
  return undefined
}
