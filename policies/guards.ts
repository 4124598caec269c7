import { z } from 'zod'
import { consequences } from '../models/computer/consequence.ts'
import { settledFindings } from '../models/computer/settled-findings.ts'
import { piiTypes } from '../models/local/detect/pii-types.ts'
import type { Note } from './note.ts'
import { linearRegex } from './signals/linear-regex.ts'

/**
 * What a policy says to the guards: of computer use, what is allowed, asked about or denied; of privacy, what no model elsewhere may
 * read; of grounding, which answers are compared with what their step was given.
 */

const named = [...consequences, ...settledFindings] as const
const names = z.array(z.enum(named)).min(1).max(named.length).optional()
const site = z
  .string()
  .max(260)
  .regex(
    /^(?:(?:\*\.)?(?:[\p{L}\p{N}-]+\.)*[\p{L}\p{N}-]+(?::\d{1,5})?|https?:\/\/[^\s/?#@]+)$/u,
    'a site is written example.com, *.example.com, host:port or https://host:port',
  )

const computerGuardSchema = z
  .strictObject({
    /** The only sites that may be visited. */
    domains: z.array(site).min(1).max(256).optional(),
    confirm: names,
    deny: names,
    allow: names,
    /** What becomes of an action that could not be judged. */
    on_unscored: z.enum(['allow', 'confirm', 'deny']).default('confirm'),
    /** The pool that is asked before a person is, and can only make a verdict stricter. */
    judge: z.string().max(100).optional(),
    /** What one thread may take in all: with the next action it stops. */
    budget: z
      .strictObject({ steps: z.int().min(1).max(100_000).optional(), usd: z.number().positive().optional() })
      .refine(({ steps, usd }) => steps !== undefined || usd !== undefined, { error: 'give steps or usd' })
      .optional(),
    /** From whom keys and personal numbers on a screen are kept: models on other machines, all models, or none. */
    redact: z.enum(['remote', 'always', 'never']).default('remote'),
  })
  .superRefine(({ confirm = [], deny = [], allow = [] }, context) => {
    const all = [...confirm, ...deny, ...allow]
    for (const name of new Set(all.filter((one, index) => all.indexOf(one) !== index))) {
      context.addIssue({ code: 'custom', message: `"${name}" stands in two of confirm, deny and allow, or twice in one`, path: [] })
    }
  })

const recogniserSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be lower-case letters, digits and _, at most 31')
    .refine((name) => !(piiTypes as readonly string[]).includes(name), { error: 'is the name of a type that is known already' }),
  pattern: linearRegex,
  /** The word in its placeholders: `CUSTOMER` for `[CUSTOMER_1]`; its name unless told. */
  replace: z
    .string()
    .regex(/^[A-Z](?:[A-Z0-9_]{0,29}[A-Z0-9])?$/, 'must be upper-case letters, digits and _, at most 31')
    .optional(),
})

const privacyGuardSchema = z
  .strictObject({
    /** From whom personal data and keys are kept by placeholders: models on other machines, all models, or none. */
    redact: z.enum(['remote', 'always', 'never']).default('remote'),
    /** All but `place`, unless told: a city alone is seldom anybody's secret, and many questions are about one. */
    types: z.array(z.enum(piiTypes)).min(1).max(piiTypes.length).optional(),
    /** Values that are nobody's secret, such as the own hotline, in any case. */
    allow: z.array(z.string().min(1).max(200)).min(1).max(500).optional(),
    /** The least score of what is found. */
    threshold: z.number().min(0).max(1).default(0.5),
    recognisers: z.array(recogniserSchema).min(1).max(50).optional(),
    /** What becomes of a step with pictures or files, which are not read: no model answers it that would get it redacted, or they are sent as they are. */
    on_unscored: z.enum(['refuse', 'send']).default('refuse'),
  })
  .superRefine(({ recognisers = [] }, context) => {
    const names = recognisers.map(({ name }) => name)
    for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
      context.addIssue({ code: 'custom', message: `two recognisers are named "${name}"`, path: ['recognisers'] })
    }
  })

const share = z.number().min(0).max(1)

const groundingGuardSchema = z
  .strictObject({
    /** Answers to questions that ask for facts, and those that follow results of tools; or all that were given a text. */
    when: z.enum(['facts', 'always']).default('facts'),
    /** How surely a source must say a claim; the head's own threshold unless told. */
    threshold: share.optional(),
    /** Of an answer whose share of borne claims is lower, the step is asked once more, of the pool `retry`. */
    below: share.optional(),
    retry: z.string().max(100).optional(),
  })
  .refine(({ below, retry }) => (below === undefined) === (retry === undefined), { error: 'give below and retry together, or neither' })

const toolCallsGuardSchema = z.strictObject({
  /** What becomes of a call that does not follow from what the person asked for: it is noted, a person is asked, or it is refused. */
  action: z.enum(['observe', 'confirm', 'refuse']),
  /** From which suspicion on; the shipped one unless told. */
  threshold: z.number().gt(0).lt(1).optional(),
})

export const guardsSchema = z
  .strictObject({
    computer: computerGuardSchema.optional(),
    privacy: privacyGuardSchema.optional(),
    grounding: groundingGuardSchema.optional(),
    tool_calls: toolCallsGuardSchema.optional(),
  })
  .refine((guards) => Object.values(guards).some((guard) => guard !== undefined), {
    error: 'give computer, privacy, grounding or tool_calls',
  })

export type ComputerGuard = z.output<typeof computerGuardSchema>
export type PrivacyGuard = z.output<typeof privacyGuardSchema>
export type GroundingGuard = z.output<typeof groundingGuardSchema>
export type ToolCallsGuard = z.output<typeof toolCallsGuardSchema>
export type Guards = z.output<typeof guardsSchema>

/** A guard as plans show it. */
export type PlannedGuard =
  | ({ guard: 'computer' } & ComputerGuard)
  | ({ guard: 'privacy' } & PrivacyGuard)
  | ({ guard: 'grounding' } & GroundingGuard)
  | ({ guard: 'tool_calls' } & ToolCallsGuard)
  | { guard: 'commitments'; commitments: readonly Laid[] }
  | ({ guard: 'note' } & Note)

/** A declared boundary. */
interface Laid {
  readonly id: string
  readonly text: string
}

export function plannedGuards(
  { computer, privacy, grounding, tool_calls: toolCalls }: Guards = {},
  { commitments = [], note }: { commitments?: readonly Laid[] | undefined; note?: Note | undefined } = {},
): PlannedGuard[] {
  return [
    ...(computer === undefined ? [] : [{ guard: 'computer' as const, ...computer }]),
    ...(privacy === undefined ? [] : [{ guard: 'privacy' as const, ...privacy }]),
    ...(grounding === undefined ? [] : [{ guard: 'grounding' as const, ...grounding }]),
    ...(toolCalls === undefined ? [] : [{ guard: 'tool_calls' as const, ...toolCalls }]),
    ...(commitments.length === 0 ? [] : [{ guard: 'commitments' as const, commitments }]),
    ...(note === undefined ? [] : [{ guard: 'note' as const, ...note }]),
  ]
}

/** Whether a deployment gets placeholders in place of what is personal. */
export function isRedactedFor(privacy: PrivacyGuard | undefined, { local }: { readonly local: boolean }): boolean {
  return privacy !== undefined && (privacy.redact === 'always' || (privacy.redact === 'remote' && !local))
}

/** One line for a person. */
export function guardInWords(guard: PlannedGuard): string {
  if (guard.guard === 'commitments') return `Laid down: ${guard.commitments.map(({ text }) => text).join('; ')}.`
  if (guard.guard === 'note') return `The model is told: ${guard.text}`
  if (guard.guard === 'computer') return computerInWords(guard)
  if (guard.guard === 'tool_calls') return toolCallsInWords(guard)
  return guard.guard === 'privacy' ? privacyInWords(guard) : groundingInWords(guard)
}

function toolCallsInWords({ action, threshold }: ToolCallsGuard): string {
  const done = { observe: 'is noted', confirm: 'is asked about', refuse: 'is refused' }[action]
  return `A call that does not follow from what the person asked for ${done}${threshold === undefined ? '' : `, from a suspicion of ${threshold} on`}.`
}

function groundingInWords({ when, below, retry }: GroundingGuard): string {
  const which = when === 'always' ? 'Answers' : 'Answers about facts'
  const again = retry === undefined ? '' : `; where less than ${below} of one is borne, the pool ${retry} is asked once`
  return `${which} are compared with what the step was given${again}.`
}

function privacyInWords({ redact, types, allow, recognisers, on_unscored }: PrivacyGuard): string {
  if (redact === 'never') return 'Personal data and keys are sent as they are.'
  const parts = [
    types && `only ${types.join(', ')}`,
    recognisers && `also ${recognisers.map(({ name }) => name).join(', ')}`,
    allow && `${allow.length === 1 ? '1 value is' : `${allow.length} values are`} let through`,
    on_unscored === 'send' && 'pictures and files are sent unread',
  ].filter((part) => part !== undefined && part !== false)
  const whom = redact === 'always' ? 'All models get' : 'Models on other machines get'
  return `${whom} placeholders for personal data and keys${parts.length === 0 ? '' : `: ${parts.join('; ')}`}.`
}

function computerInWords({ domains, confirm, deny, allow, on_unscored, redact, judge, budget }: ComputerGuard): string {
  const parts = [
    domains && `only at ${domains.join(', ')}`,
    deny && `never ${deny.join(', ')}`,
    confirm && `asks for ${confirm.join(', ')}`,
    allow && `does not ask for ${allow.join(', ')}`,
    on_unscored !== 'confirm' && `what cannot be judged: ${on_unscored}`,
    judge && `the pool ${judge} judges first`,
    budget?.steps !== undefined && `at most ${budget.steps} steps a thread`,
    budget?.usd !== undefined && `at most $${budget.usd} a thread`,
    redact !== 'remote' && `screens are redacted: ${redact}`,
  ].filter((part) => part !== undefined && part !== false)
  return `Computer use is guarded${parts.length === 0 ? '' : `: ${parts.join('; ')}`}.`
}
