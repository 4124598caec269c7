import { z } from 'zod'
import type { Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  decision: z.string().min(1).max(100),
  outcome: z.enum(['good', 'wrong', 'overkill', 'failed']),
  note: z.string().max(2000).optional(),
})

/** What a verdict on an answer says of the tools that were called for it. That a cheaper model would have done says nothing of them. */
const classOf = { good: 'accepted', wrong: 'tool_error', failed: 'tool_error', overkill: undefined } as const

/** Verdicts are recorded with their decision. */
export function createRate({ decisions, outcomes }: Services): Operation {
  return {
    name: 'rate',
    title: 'Rate a decision',
    description: 'Says how a decision turned out: good, wrong, overkill (a cheaper model would have done) or failed.',
    input,
    output: z.looseObject({ decision: z.string(), verdicts: z.number() }),
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    async run({ decision, outcome, note }: z.infer<typeof input>, { caller }) {
      const by = caller.door === 'cli' ? 'person' : 'model'
      const rated = await decisions.rate(caller.principal, decision, { outcome, note, by })
      if (rated === undefined) return failure(`Cannot rate: there is no decision "${decision}"`)
      const named = classOf[outcome]
      const calls = named === undefined ? 0 : await outcomes.rated(caller.principal, decision, named, by)
      const learnt = calls === 0 ? '' : ` ${calls} tool ${calls === 1 ? 'call' : 'calls'} of it count as ${named} when tools are ranked.`
      const changed = `The verdict is stored with the decision; no routing changes by it yet.${learnt}`
      return answer({ decision, outcome, verdicts: rated.verdicts.length, changed }, `Recorded ${outcome} for ${decision}. ${changed}`)
    },
  }
}
