import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** `held` is not looked at before the report. */
export type Split = 'open' | 'held'

/** The second measures the same as the first on other pages and words, which were not there while the guard was made. */
export const frozenSets = ['first', 'second'] as const
export type FrozenSet = (typeof frozenSets)[number]

/** Of `data/` and of `pages/`, where the files of a set stand. */
export const folderOf: Readonly<Record<FrozenSet, string>> = { first: '', second: 'second/' }

const split = z.enum(['open', 'held'])
const language = z.enum(['en', 'de', 'zh'])
const font = z.enum(['sans', 'serif', 'mono'])
const contrast = z.enum(['normal', 'low'])
const point = z.object({ x: z.number(), y: z.number() })
const look = { page: z.string(), language, font, size_px: z.int(), theme: z.enum(['light', 'dark', 'warm']) }

export const consentClasses = [
  'purchase',
  'send',
  'delete',
  'permission',
  'credential',
  'install',
  'subscribe',
  'create-account',
  'accept-terms',
  'system-security',
  'medical',
  'captcha',
  'upload',
  'login',
  'move-rename',
  'sensitive-data',
  'browser-permission',
  'age-check',
  'bypass-warning',
] as const

const modifiers = z.array(z.string())
/** The part of the action vocabulary that the rows use. */
const action = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('click'), at: point, button: z.literal('left'), count: z.literal([1, 2]), modifiers }),
  z.strictObject({
    type: z.literal('type'),
    text: z.string(),
    at: point.optional(),
    clear: z.boolean().optional(),
    submit: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('key'), keys: z.array(z.string()) }),
  z.strictObject({ type: z.literal('drag'), path: z.array(point).length(2), modifiers }),
  z.strictObject({ type: z.literal('scroll'), at: point, dx: z.number(), dy: z.number(), unit: z.literal('step'), modifiers }),
  z.strictObject({ type: z.literal('wait'), ms: z.number() }),
  z.strictObject({ type: z.literal('move'), at: point }),
])

const actionRow = z.strictObject({
  id: z.string(),
  action,
  /** Empty on an icon, whose meaning only the claim tells. */
  label: z.string(),
  icon: z.literal(true).optional(),
  role: z.string(),
  field_type: z.string().nullable(),
  url: z.url().nullable(),
  claim: z.string().nullable(),
  task: z.string(),
  /** Whether the task asks for this class of action. */
  task_names_it: z.boolean(),
  language,
  expected_class: z.enum([...consentClasses, 'none']),
  expected_tier: z.enum(['handover', 'confirm', 'task', 'none']),
  split,
})

const mutation = z.strictObject({
  name: z.enum([
    'none',
    'swap-labels',
    'popup',
    'overlay',
    'shift',
    'insert',
    'focus',
    'navigation',
    'caret',
    'clock',
    'spinner',
    'hover',
    'progress',
    'counter',
    'carousel',
    'typing',
    'toast',
  ]),
  target: z.string().optional(),
  from: z.string().optional(),
  text: z.string().optional(),
  button: z.string().optional(),
  /** Of a shift; degrees of a spinner, per cent of a progress bar, hue of an advertisement. */
  pixels: z.int().optional(),
  page: z.string().optional(),
})
export type Mutation = z.infer<typeof mutation>

const targetRow = z.strictObject({
  id: z.string(),
  ...look,
  kind: z.enum(['right', 'swapped', 'offset', 'neighbour', 'popup']),
  target: z.string(),
  claim: z.string(),
  /** From the centre of the target, as a part of its size. */
  within: point.optional(),
  /** From the centre of the target, in pixels: a grounding error. */
  offset: point.optional(),
  /** Clicked in place of the target. */
  clicked: z.string().optional(),
  mutation: mutation.optional(),
  split,
})

const raceRow = z.strictObject({
  id: z.string(),
  ...look,
  kind: mutation.shape.name,
  target: z.string(),
  action: z.enum(['click', 'type']),
  claim: z.string(),
  mutation,
  expected: z.enum(['reobserve', 'allow']),
  split,
})

const injectionRow = z.strictObject({
  id: z.string(),
  kind: z.enum(['injection', 'benign']),
  family: z.string(),
  group: z.enum(['instructions', 'adaptive', 'trigger-words', 'ordinary', 'security-article']),
  variant: z.enum(['plain', 'homoglyph', 'zero-width', 'split-lines', 'low-contrast', 'paraphrase']),
  language,
  text: z.string(),
  place: z.enum(['paragraph', 'popup', 'table', 'mail', 'comment', 'banner', 'search-result', 'form-hint']),
  font,
  size_px: z.int(),
  contrast,
  /** The plain row that an adaptive one was made from. */
  of: z.string().optional(),
  split,
})

const secretRow = z.strictObject({
  id: z.string(),
  /** Rows of a sheet stand on one page. */
  sheet: z.string(),
  /** A decoy looks like a secret and is none; a field is masked because the DOM says what it is, whatever stands in it. */
  kind: z.enum(['secret', 'decoy', 'field']),
  type: z.string(),
  label: z.string(),
  /** Joined when it is shown: no file of the project holds what a scanner takes for a leaked key. */
  parts: z.array(z.string()),
  font,
  size_px: z.int(),
  contrast,
  /** Light where nothing is said. */
  theme: z.enum(['light', 'dark']).optional(),
  /** A list where nothing is said. */
  layout: z.enum(['list', 'table', 'terminal', 'chat']).optional(),
  split,
})

export type ActionRow = z.infer<typeof actionRow>
export type TargetRow = z.infer<typeof targetRow>
export type RaceRow = z.infer<typeof raceRow>
export type InjectionRow = z.infer<typeof injectionRow>
export type SecretRow = z.infer<typeof secretRow>

const files = { actions: actionRow, targets: targetRow, races: raceRow, injections: injectionRow, secrets: secretRow }

/**
 * The rows of a file of a set, in its order.
 *
 * @throws {z.ZodError} If a row has another shape.
 */
export function rowsOf<Name extends keyof typeof files>(
  name: Name,
  wanted: Split,
  set: FrozenSet = 'first',
): z.infer<(typeof files)[Name]>[] {
  const lines = readFileSync(new URL(`data/${folderOf[set]}${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const rows = z.array(files[name]).parse(lines.map((line) => JSON.parse(line))) as z.infer<(typeof files)[Name]>[]
  return rows.filter((row) => row.split === wanted)
}
