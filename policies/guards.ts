import { z } from 'zod'
import { consequences } from '../models/computer/consequence.ts'

/** What a policy says to the guard of computer use: sites, and what is allowed, asked about or denied. */

/** Findings that only ask a person, and that a policy may settle beforehand. What is denied by construction is not among them. */
export const settledFindings = [
  'foreign-domain',
  'ip-address',
  'private-address',
  'unusual-port',
  'punycode',
  'copied-untrusted',
  'rule-of-two',
  'loop',
  'no-change',
  'malicious_instructions',
  'irrelevant_domain',
  'sensitive_domain',
  'require_confirmation',
] as const

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
    /** From whom keys and personal numbers on a screen are kept: models on other machines, all models, or none. */
    redact: z.enum(['remote', 'always', 'never']).default('remote'),
  })
  .superRefine(({ confirm = [], deny = [], allow = [] }, context) => {
    const all = [...confirm, ...deny, ...allow]
    for (const name of new Set(all.filter((one, index) => all.indexOf(one) !== index))) {
      context.addIssue({ code: 'custom', message: `"${name}" stands in two of confirm, deny and allow, or twice in one`, path: [] })
    }
  })

export const guardsSchema = z.strictObject({ computer: computerGuardSchema })

export type ComputerGuard = z.output<typeof computerGuardSchema>
export type Guards = z.output<typeof guardsSchema>

/** A guard as plans show it. */
export type PlannedGuard = { guard: 'computer' } & ComputerGuard

export function plannedGuards(guards: Guards | undefined): PlannedGuard[] {
  return guards === undefined ? [] : [{ guard: 'computer', ...guards.computer }]
}

/** One line for a person. */
export function guardInWords({ domains, confirm, deny, allow, on_unscored, redact, judge }: PlannedGuard): string {
  const parts = [
    domains && `only at ${domains.join(', ')}`,
    deny && `never ${deny.join(', ')}`,
    confirm && `asks for ${confirm.join(', ')}`,
    allow && `does not ask for ${allow.join(', ')}`,
    on_unscored !== 'confirm' && `what cannot be judged: ${on_unscored}`,
    judge && `the pool ${judge} judges first`,
    redact !== 'remote' && `screens are redacted: ${redact}`,
  ].filter((part) => part !== undefined && part !== false)
  return `Computer use is guarded${parts.length === 0 ? '' : `: ${parts.join('; ')}`}.`
}
