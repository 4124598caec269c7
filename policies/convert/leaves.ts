import { refuseRegex } from '../safe-regex.ts'
import { type SignalOptions, signalSchema } from '../signals/kinds.ts'
import type { Feature, Predicate, Routing, RuleNode } from './semantic-router-file.ts'

/** What a leaf of their rules becomes: a condition in CEL, or a sentence why there is none. */
export type Leaf = { readonly when: string; readonly confidence?: string | undefined } | { readonly missing: string }

/** A signal of ours that stands for one of theirs. */
export interface Carried {
  readonly name: string
  readonly options: SignalOptions
}

export interface Leaves {
  of(type: string, name: string): Leaf
  /** The signals that the leaves asked for by now need. */
  readonly signals: readonly Carried[]
  /** What was carried over in another way than it was written, a sentence each. */
  readonly changes: ReadonlySet<string>
}

/** `text` as CEL writes it. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

/** A name as ours are: lower case, and none twice. */
export function createNames(longest: number): (wanted: string) => string {
  const taken = new Map<string, string>()
  const used = new Set<string>()
  return (wanted) => {
    const known = taken.get(wanted)
    if (known !== undefined) return known
    const plain = wanted
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
    const base = (/^[a-z]/.test(plain) ? plain : `r_${plain}`).slice(0, longest - 3)
    let name = base
    for (let number = 2; used.has(name); number += 1) name = `${base}_${number}`
    used.add(name)
    taken.set(wanted, name)
    return name
  }
}

/** Each signal is made when the first rule or projection asks for it: what nobody asks for is not carried over. */
export function createLeaves({ signals }: Routing): Leaves {
  const carried = new Map<string, Carried>()
  const changes = new Set<string>()
  const nameOf = createNames(40)
  const known = new Map<string, Leaf>()

  /** Makes the signal where this version has its kind. */
  const carry = (theirs: string, options: unknown): string | undefined => {
    const parsed = signalSchema.safeParse(options)
    if (!parsed.success) return undefined
    const name = nameOf(theirs)
    carried.set(name, { name, options: parsed.data })
    return name
  }
  const noKind = (what: string): Leaf => ({ missing: `this version has no signal for ${what}` })

  const byFamily: Readonly<Record<string, (name: string) => Leaf>> = {
    keyword(name) {
      const one = find(signals.keywords, name)
      if (one === undefined) return undefinedSignal('keyword', name)
      const { keywords, operator, method = 'exact' } = one
      if (keywords.length === 0) return { missing: 'it has no keywords' }
      const isKnown = methods.includes(method)
      if (!isKnown) changes.add(`keyword ${name}: matches whole words, where ${method} was asked for`)
      if (one.case_sensitive) changes.add(`keyword ${name}: matches in any case`)
      const options = {
        kind: 'keyword',
        [{ AND: 'all', NOR: 'none' }[operator] ?? 'any']: keywords,
        ...(isKnown && method !== 'exact' && { method }),
        ...(method === 'bm25' && one.bm25_threshold !== undefined && { threshold: one.bm25_threshold }),
        ...(method === 'ngram' && one.ngram_threshold !== undefined && { threshold: one.ngram_threshold }),
        ...(method === 'ngram' && one.ngram_arity !== undefined && { arity: one.ngram_arity }),
      }
      const signal = carry(name, options)
      return signal === undefined
        ? { missing: `its keywords cannot be taken over (${reasonAgainst(options)})` }
        : { when: `signals.${signal}` }
    },

    embedding(name) {
      const one = find(signals.embeddings, name)
      if (one === undefined) return undefinedSignal('embedding', name)
      if (one.candidates.length === 0) return { missing: 'it has no candidates that are texts' }
      if (one.aggregation_method !== 'max')
        changes.add(`embedding ${name}: the nearest candidate counts, where ${one.aggregation_method} was asked for`)
      for (const key of ['negative_candidates', 'image_candidates']) {
        const left = one[key]
        if (Array.isArray(left) && left.length > 0) changes.add(`embedding ${name}: without its ${key}`)
      }
      changes.add('embedding: thresholds were set for another embedder, so look at them with "policy explain"')
      const label = nameOf(`label ${name}`).replace(/^label_/, '')
      const signal = carry(name, { kind: 'embedding', examples: { [label]: one.candidates }, threshold: one.threshold, margin: 0 })
      if (signal === undefined) return noKind('its candidates')
      return { when: `signals.${signal} == ${quoted(label)}`, confidence: `confidence.${signal}` }
    },

    domain(name) {
      const one = find(signals.domains, name)
      const signal = carry('domain', { kind: 'domain' })
      if (signal === undefined) return noKind('domains')
      const labels = one?.mmlu_categories ?? [name]
      return { when: `signals.${signal} in [${labels.map(quoted).join(', ')}]`, confidence: `confidence.${signal}` }
    },

    context(name) {
      const one = find(signals.context, name)
      if (one === undefined) return undefinedSignal('context', name)
      const bounds = [
        ...(one.min_tokens === undefined ? [] : [`step.input_tokens >= ${double(tokens(one.min_tokens))}`]),
        ...(one.max_tokens === undefined ? [] : [`step.input_tokens <= ${double(tokens(one.max_tokens))}`]),
      ]
      return bounds.length === 0 ? { missing: 'it has no bounds' } : { when: bounds.join(' && ') }
    },

    conversation(name) {
      const one = find(signals.conversation, name)
      if (one === undefined) return undefinedSignal('conversation', name)
      const counted = countedInConversation[one.feature.source.type]
      if (counted === undefined)
        return {
          missing: `a step does not tell of ${one.feature.source.type}${one.feature.source.role === undefined ? '' : ` of role ${one.feature.source.role}`}`,
        }
      if (counted.startsWith('step.tool_loop')) return { when: counted }
      return { when: compared(counted, one.feature, one.predicate) }
    },

    structure(name) {
      const one = find(signals.structure, name)
      return one === undefined ? undefinedSignal('structure', name) : fromStructure(one.feature, one.predicate)
    },

    complexity(name) {
      const [rule = '', level] = name.split(':')
      const one = find(signals.complexity, rule)
      if (one === undefined) return undefinedSignal('complexity', rule)
      const [hard, easy] = [one.hard?.candidates ?? [], one.easy?.candidates ?? []]
      const signal = carry(rule, { kind: 'complexity', hard, easy, ...(one.threshold !== undefined && { threshold: one.threshold }) })
      if (signal === undefined) return noKind('complexity')
      if (one['hard_above'] !== undefined) changes.add(`complexity ${rule}: without its own bounds of hard and easy`)
      const composed = one.composer === undefined ? undefined : asNode(one.composer)
      const composer = composed === undefined ? undefined : conditionOf(composed, leaves)
      if (composer !== undefined && composer.missing.length > 0)
        changes.add(`complexity ${rule}: without ${composer.missing.join(', ')} of its composer`)
      const at = level === undefined ? `signals.${signal} != ""` : `signals.${signal} == ${quoted(level)}`
      return { when: composer?.when === undefined ? at : `${at} && (${composer.when})`, confidence: `confidence.${signal}` }
    },

    fact_check(name) {
      const signal = carry('fact_check', { kind: 'fact_check' })
      if (signal === undefined) return noKind('fact checks')
      return { when: name === 'no_fact_check_needed' ? `!signals.${signal}` : `signals.${signal}` }
    },

    user_feedback(name) {
      const value = feedbacks[name]
      const signal = value === undefined ? undefined : carry('feedback', { kind: 'feedback' })
      return signal === undefined ? noKind('this feedback') : { when: `signals.${signal} == ${quoted(value ?? '')}` }
    },

    language(name) {
      const signal = carry('language', { kind: 'language' })
      return signal === undefined ? noKind('languages') : { when: `signals.${signal} == ${quoted(name)}` }
    },

    reask(name) {
      const signal = carry('re_ask', { kind: 're_ask' })
      return signal === undefined ? noKind(`repeated questions (${name})`) : { when: `signals.${signal}` }
    },

    authz(name) {
      const one = find(signals.role_bindings, name)
      if (one === undefined) return undefinedSignal('role binding', name)
      changes.add(`authz ${name}: who has the role ${one.role} is said by http.tokens or http.oauth of the configuration`)
      return { when: `${quoted(one.role)} in step.roles` }
    },

    metadata(name) {
      const one = find(signals.metadata, name)
      if (one === undefined) return undefinedSignal('metadata', name)
      const value = `step.metadata[${quoted(one.key)}]`
      const there = `${quoted(one.key)} in step.metadata`
      const { equals, in: among } = one.predicate ?? {}
      if (typeof equals === 'string') return { when: `${there} && ${value} == ${quoted(equals)}` }
      if (Array.isArray(among)) return { when: `${there} && ${value} in [${among.map((each) => quoted(String(each))).join(', ')}]` }
      return { when: there }
    },

    input_modality(name) {
      const one = find(signals.input_modality, name)
      if (one?.modality === 'image') return { when: 'step.images > 0.0' }
      return { missing: `a step does not tell of ${one?.modality ?? name}` }
    },
  }

  const leaves: Leaves = {
    of(type, name) {
      const key = `${type} ${name}`
      const made = known.get(key) ?? byFamily[type]?.(name) ?? noKind(type)
      known.set(key, made)
      return made
    },
    get signals() {
      return [...carried.values()]
    },
    changes,
  }
  return leaves
}

/** A tree of their rules as a condition; leaves that are missing never hold, and are named. */
export function conditionOf(node: RuleNode, leaves: Pick<Leaves, 'of'>): { when: string | undefined; missing: string[] } {
  if ('type' in node) {
    const leaf = leaves.of(node.type, node.name)
    return 'missing' in leaf
      ? { when: undefined, missing: [`${node.type} ${node.name} (${leaf.missing})`] }
      : { when: leaf.when, missing: [] }
  }
  const parts = node.conditions.map((one) => conditionOf(one, leaves))
  const missing = parts.flatMap((one) => one.missing)
  const there = parts.flatMap(({ when }) => (when === undefined ? [] : [when]))
  const joined = (by: string) => (there.length === 1 ? there[0] : there.map((one) => bracketed(one)).join(` ${by} `))
  switch (node.operator) {
    case 'AND':
      return { when: there.length < parts.length || parts.length === 0 ? undefined : joined('&&'), missing }
    case 'OR':
      return { when: there.length === 0 ? undefined : joined('||'), missing }
    case 'NOT':
      return { when: there.length === 0 ? 'true' : `!(${there.join(' || ')})`, missing }
  }
}

function bracketed(when: string): string {
  return /&&|\|\||==|!=|[<>]| in /.test(when) ? `(${when})` : when
}

function asNode(value: unknown): RuleNode | undefined {
  return typeof value === 'object' && value !== null && ('operator' in value || 'type' in value) ? (value as RuleNode) : undefined
}

const feedbacks: Readonly<Record<string, string>> = {
  satisfied: 'satisfied',
  need_clarification: 'clarification',
  wrong_answer: 'wrong',
  want_different: 'different',
}

/** By the source that they name; what is counted of messages by role is not known of a step. */
const countedInConversation: Readonly<Record<string, string>> = {
  tool_definition: 'step.tools_offered',
  assistant_tool_call: 'step.tool_calls',
  assistant_tool_cycle: 'step.tool_calls',
  active_tool_loop: 'step.tool_loop',
  image_content: 'step.images',
}

/** Ways of looking for keywords that both have. */
const methods: readonly string[] = ['exact', 'regex', 'bm25', 'ngram']

function reasonAgainst(options: unknown): string {
  return (
    signalSchema
      .safeParse(options)
      .error?.issues.map(({ message }) => message)
      .join('; ') ?? ''
  )
}

function undefinedSignal(family: string, name: string): Leaf {
  return { missing: `their file defines no ${family} "${name}"` }
}

function find<One extends { name: string }>(all: readonly One[], name: string): One | undefined {
  return all.find((one) => one.name === name)
}

/** `32K` is 32,000 tokens. */
function tokens(given: string | number): number {
  const { groups } = /^(?<count>[\d.]+)\s*(?<unit>[KkMm]?)$/.exec(`${given}`.trim()) ?? {}
  const factor = { '': 1, k: 1000, m: 1_000_000 }[groups?.['unit']?.toLowerCase() ?? ''] ?? 1
  return Number(groups?.['count'] ?? 0) * factor
}

/** A number as CEL compares it with a double. */
export function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`
}

/** What is compared with the bounds of a predicate; without one, whether there is any. */
function compared(
  quantity: string,
  { type }: Feature,
  predicate: Predicate | undefined,
  write: (value: number) => string = double,
): string {
  const bounds = boundsOf(quantity, predicate, write)
  return type === 'exists' || bounds.length === 0 ? `${quantity} > ${write(0)}` : bounds.join(' && ')
}

const comparisons = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

export function boundsOf(quantity: string, predicate: Predicate | undefined, write: (value: number) => string = double): string[] {
  return Object.entries(comparisons).flatMap(([key, sign]) => {
    const bound = predicate?.[key as keyof typeof comparisons]
    return bound === undefined ? [] : [`${quantity} ${sign} ${write(bound)}`]
  })
}

function fromStructure(feature: Feature, predicate: Predicate | undefined): Leaf {
  const { type, source } = feature
  if (source.type === 'text_bytes') return { when: compared('size(step.text)', feature, predicate, String) }
  if (type === 'exists' && source.type === 'regex' && source.pattern !== undefined) return fromPatterns([source.pattern], 'OR', true)
  if (type === 'count' && source.type === 'regex' && source.pattern !== undefined) return fromCount(source.pattern, feature, predicate)
  if (type === 'sequence' && source.sequences !== undefined) {
    const inOrder = source.sequences.map((words) => words.map(escapeRegex).join('[^\\x00]*'))
    return fromPatterns(inOrder, 'OR', source.case_sensitive ?? false)
  }
  return { missing: `conditions cannot tell the ${type} of ${source.type}` }
}

/** A pattern that is one character, or a choice of them: the text is split at each. */
function fromCount(pattern: string, feature: Feature, predicate: Predicate | undefined): Leaf {
  const choice = /^\[([^\]\\^-]+)\]$/u.exec(pattern)?.[1] ?? (/^[^\\^$.*+?()[\]{}|]$/u.test(pattern) ? pattern : undefined)
  if (choice === undefined) return { missing: 'conditions cannot count what a regular expression finds' }
  const counts = [...choice].map((one) => `size(step.text.split(${quoted(one)})) - 1`)
  return { when: compared(counts.length === 1 ? (counts[0] ?? '') : `(${counts.join(' + ')})`, feature, predicate, String) }
}

/** Patterns of which one has to be there stand in one expression, as long as it is not too long. */
function fromPatterns(patterns: readonly string[], operator: string, caseSensitive: boolean): Leaf {
  const texts: Record<'step.text' | 'step.text.lowerAscii()', string[]> = { 'step.text': [], 'step.text.lowerAscii()': [] }
  for (const given of patterns) {
    const flags = /^\(\?([ims]+)\)/.exec(given)?.[1] ?? ''
    const bare = flags === '' ? given : given.slice(flags.length + 3)
    const pattern = flags.includes('m') ? bare.replace(/^\^/, '(?:^|\\n)') : bare
    const inAnyCase = !caseSensitive || flags.includes('i')
    const written = inAnyCase ? lowerCased(pattern) : pattern
    const reason = refuseRegex(written)
    if (reason !== undefined) return { missing: `its regular expression ${quoted(given)} ${reason}` }
    texts[inAnyCase ? 'step.text.lowerAscii()' : 'step.text'].push(written)
  }
  const made = Object.entries(texts).flatMap(([text, all]) =>
    (operator === 'AND' ? all : inChunks(all)).map((pattern) => `${text}.matches(${quoted(pattern)})`),
  )
  const joined = made.join(operator === 'AND' ? ' && ' : ' || ')
  return { when: operator === 'NOR' ? `!(${joined})` : joined }
}

/** A regular expression of a condition may have 1,000 characters. */
const longestPattern = 900

function inChunks(patterns: readonly string[]): string[] {
  const chunks: string[] = []
  for (const pattern of patterns) {
    const last = chunks.at(-1)
    if (last !== undefined && last.length + pattern.length < longestPattern) chunks[chunks.length - 1] = `${last}|${pattern}`
    else chunks.push(pattern)
  }
  return chunks
}

/** Letters that a backslash makes something else stay as they are. */
function lowerCased(pattern: string): string {
  return pattern.replace(/\\.|[A-Z]/g, (piece) => (piece.startsWith('\\') ? piece : piece.toLowerCase()))
}

function escapeRegex(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
