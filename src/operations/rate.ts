import { z } from 'zod'
import type { DecisionRecord } from '../../memory/index.ts'
import type { Caller } from '../caller.ts'
import { type SeenSign, signs, type VerdictSource } from '../learning/routing/signs.ts'
import { InputError } from './errors.ts'
import type { Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const verdict = z.enum(['good', 'wrong', 'overkill', 'failed'])
const shownInput = z.strictObject({
  decision: z.string().min(1).max(100),
  outcome: verdict.optional(),
  note: z.string().max(2000).optional(),
})

/** What a harness has seen itself. */
const facts = z.strictObject({
  tests: z.enum(['passed', 'failed']).optional(),
  /** The tool whose call failed by the model's fault, or served it. */
  tool_error: z.string().min(1).max(200).optional(),
  tool_ok: z.string().min(1).max(200).optional(),
  retried: z.literal(true).optional(),
  repeated: z.literal(true).optional(),
  corrected: z.literal(true).optional(),
  abandoned: z.literal(true).optional(),
})

const input = shownInput.extend({ facts: facts.optional(), by: z.enum(['person', 'model']).optional() })
type Input = z.infer<typeof input>

/** What a verdict on an answer says of the tools that were called for it. That a cheaper model would have done says nothing of them. */
const classOf = { good: 'accepted', wrong: 'tool_error', failed: 'tool_error', overkill: undefined } as const

/** Verdicts are recorded with their decision, and teach routing. Over HTTP (`/v1/outcomes`) a harness reports what it saw itself. */
export function createRate({ answers, decisions, outcomes, routing }: Services): Operation {
  return {
    name: 'rate',
    title: 'Rate a decision',
    description: 'Says how a decision turned out: good, wrong, overkill (a cheaper model would have done) or failed.',
    input,
    output: z.looseObject({ decision: z.string(), verdicts: z.number() }),
    shown: { input: z.toJSONSchema(shownInput.required({ outcome: true }), { io: 'input' }) as Record<string, unknown> },
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    async run(given: Input, { caller }) {
      checkGiven(given, caller.door)
      const { decision, outcome, note } = given
      const source: VerdictSource = caller.door === 'cli' ? 'person' : (given.by ?? 'model')
      const seen = [...(outcome === undefined ? [] : [{ sign: outcome, source } as const]), ...signsOf(given.facts)]
      const known = await decisions.get(caller.principal, decision)
      if (known === undefined) return failure(`Cannot rate: there is no decision "${decision}"`)
      let verdicts = known.verdicts.length
      for (const one of outcome === undefined ? seen.filter(({ sign }) => signs[sign].weight > 0) : seen.slice(0, 1)) {
        const rated = await decisions.rate(caller.principal, decision, verdictOf(one, note))
        verdicts = rated?.verdicts.length ?? verdicts
      }
      for (const { sign } of seen.slice(0, 1)) await teachAnswers(answers, caller.principal, known, signs[sign].good)
      const taught = await routing.judged(caller.principal, decision, seen)
      const named = outcome === undefined ? undefined : classOf[outcome]
      const calls = named === undefined ? 0 : await outcomes.rated(caller.principal, decision, named, source)
      const changed = [
        taughtInWords(taught),
        ...(calls === 0 ? [] : [`${calls} tool ${calls === 1 ? 'call' : 'calls'} of it count as ${named} when tools are ranked.`]),
      ].join(' ')
      const said = seen.map(({ sign }) => sign).join(', ')
      return answer({ decision, ...(outcome && { outcome }), verdicts, changed }, `Recorded ${said} for ${decision}. ${changed}`)
    },
  }
}

/** What was wrong once is not given again. Where it was the answer to another question, that is what was wrong. */
async function teachAnswers(
  answers: Services['answers'],
  principal: string,
  { id, outcome }: DecisionRecord,
  good: boolean,
): Promise<void> {
  const cached = cachedSchema.safeParse(outcome).data?.cached
  if (cached?.match === 'semantic' && cached.confidence !== undefined) {
    const source = (await answers.list(principal)).find(({ decision }) => decision === cached.decision)
    if (source !== undefined) await answers.compared(principal, source.key, { confidence: cached.confidence, same: good })
    return
  }
  if (!good) await answers.remove(principal, ({ decision }) => decision === id || decision === cached?.decision)
}

const cachedSchema = z.object({ cached: z.object({ decision: z.string(), match: z.string(), confidence: z.number().optional() }) })

function checkGiven({ outcome, facts: given, by }: Input, door: Caller['door']): void {
  if (door !== 'http' && door !== 'library' && (given !== undefined || by !== undefined))
    throw new InputError('Cannot rate: facts and by are for harnesses, over POST /v1/outcomes or the library')
  if (outcome === undefined && Object.keys(given ?? {}).length === 0) throw new InputError('Cannot rate: give an outcome or facts')
}

/** As it stands beside the decision. What a harness saw is named in the note. */
function verdictOf({ sign, source }: SeenSign, note: string | undefined) {
  const plain = verdict.safeParse(sign).data
  return {
    outcome: plain ?? (signs[sign].good ? ('good' as const) : ('wrong' as const)),
    note: note ?? (plain ? undefined : sign),
    by: source,
  }
}

function signsOf(given: Input['facts']): SeenSign[] {
  if (given === undefined) return []
  const { tests, tool_error: wrongly, tool_ok: rightly, ...flags } = given
  const names = Object.keys(flags) as (keyof typeof flags)[]
  return [
    ...(tests === undefined ? [] : [{ sign: tests === 'passed' ? 'tests_passed' : 'tests_failed', source: 'harness' } as const]),
    ...(wrongly === undefined ? [] : [{ sign: 'tool_error', source: 'harness', tool: wrongly } as const]),
    ...(rightly === undefined ? [] : [{ sign: 'tool_ok', source: 'harness', tool: rightly } as const]),
    ...names.map((sign) => ({ sign, source: 'harness' }) as const),
  ]
}

function taughtInWords(taught: boolean | undefined): string {
  if (taught === undefined) return 'The verdict is stored with the decision; no model answered it, so it teaches nothing of one.'
  return taught
    ? 'The verdict counts for the model that answered it when models are chosen.'
    : 'The verdict is stored with the decision; text of others stood in that step, so it teaches nothing.'
}
