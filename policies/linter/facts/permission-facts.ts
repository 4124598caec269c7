import { always, equivalent, type Formula, flag, textIs } from '../formula.ts'
import { createTranslator, type NotAnalysed, type Translator } from '../translate/condition.ts'
import { flagValue, type Present, present, textValue } from '../translate/value.ts'
import type { TextFact, Vocabulary } from '../vocabulary.ts'
import { keywordVocabulary } from './keywords.ts'

/** All that conditions of permission rules can look at, and what is known of it. */
export interface PermissionFacts {
  readonly vocabulary: Vocabulary
  readonly laws: readonly Formula[]
  readonly translator: Translator
  /** Filled while conditions are translated. */
  readonly notAnalysed: NotAnalysed[]
}

const texts: ReadonlyMap<string, TextFact> = new Map<string, TextFact>([
  ['operation', { values: ['call', 'loop'], usual: 'call' }],
  ['tool.effect', { values: ['read', 'write', 'destructive'], usual: 'read' }],
  ...['tool.name', 'tool.server', 'tool.tool', 'tool.title'].map((name): [string, TextFact] => [name, { usual: 'files' }]),
  ...['caller.principal', 'caller.door', 'caller.client', 'caller.profile'].map((name): [string, TextFact] => [name, { usual: '' }]),
])

const flags: ReadonlySet<string> = new Set([
  ...['tool.read_only', 'tool.destructive', 'tool.open_world', 'tool.private'],
  ...['taint.untrusted_read', 'taint.private_read', 'taint.can_send', 'taint.injected_read', 'taint.tracked'],
])

/** The effect of a tool is what its two flags say. */
const laws: readonly Formula[] = [
  equivalent(flag('tool.read_only'), textIs('tool.effect', 'read')),
  equivalent(flag('tool.destructive'), textIs('tool.effect', 'destructive')),
]

export function createPermissionFacts(): PermissionFacts {
  const notAnalysed: NotAnalysed[] = []
  const translator = createTranslator(resolve, (one) => notAnalysed.push(one))
  return { vocabulary: { numbers: new Map(), texts, ...keywordVocabulary([], () => []) }, laws, translator, notAnalysed }
}

function resolve(path: readonly string[]): Present | undefined {
  const [root, key] = path
  const name = path.join('.')
  if (texts.has(name)) return present(textValue(name, texts.get(name)?.values))
  if (flags.has(name)) return present(flagValue(name))
  if (name === 'caller.roles') return present({ kind: 'names', has: (role) => flag(`${JSON.stringify(role)} in caller.roles`) })
  if (name === 'arguments') return present({ kind: 'entries', entry: argument })
  return root === 'arguments' && key !== undefined && path.length === 2 ? argument(key) : undefined
}

/** What a call was given: of any type, and there or not. What stands inside it is not looked into. */
function argument(key: string): Present {
  const name = `arguments[${JSON.stringify(key)}]`
  const there = flag(`has(${name})`)
  return { reached: always, present: there, value: { kind: 'any', name, present: there, entry: (inner) => argument(`${key}.${inner}`) } }
}
