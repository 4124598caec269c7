import type { Consequence } from '../../models/computer/consequence.ts'
import { matchesAny } from '../../models/globs.ts'

/**
 * A declared boundary in a form that can be held against what is about to be done: which deeds, and on what.
 *
 * It only narrows: whatever it does not name is as allowed as before.
 */
export interface Boundary {
  /** Patterns over tools' names, with `*`. */
  readonly tools: readonly string[]
  /** Sites: `example.com` with what is below it. */
  readonly domains: readonly string[]
  /** Consequences of actions on a screen. */
  readonly consequences: readonly Consequence[]
  /** Words for one kind of deed, any of which a tool's name may have. */
  readonly deeds: readonly string[]
  /** What the deed must not be done to; each with the words that mean the same. Without any, it must not be done at all. */
  readonly objects: readonly (readonly string[])[]
}

interface Deed {
  readonly words: readonly string[]
  readonly consequence?: Consequence
}

const list = (text: string) => text.trim().split(/\s+/)

const deeds: readonly Deed[] = [
  { words: list('send mail email e-mail reply forward post publish tweet message notify submit share'), consequence: 'send' },
  { words: list('delete remove erase drop destroy wipe purge truncate unlink rm trash'), consequence: 'delete' },
  { words: list('buy purchase pay order checkout charge spend subscribe book transfer'), consequence: 'purchase' },
  { words: list('push'), consequence: 'send' },
  { words: list('merge') },
  { words: list('deploy release rollout ship') },
  { words: list('commit') },
  { words: list('install'), consequence: 'install' },
  { words: list('upload'), consequence: 'upload' },
  { words: list('log login sign signin authenticate'), consequence: 'login' },
  { words: list('write edit modify change update overwrite create rename move alter touch save') },
  { words: list('run execute exec call invoke start launch') },
  { words: list('read open look access fetch list search view') },
  { words: list('visit browse navigate go') },
  { words: list('grant permit invite authorize authorise'), consequence: 'permission' },
]

const synonyms: readonly (readonly string[])[] = [
  list('mail email e-mail gmail smtp mails emails outlook inbox'),
  list('file files'),
  list('database db table tables sql'),
  list('calendar event events appointment appointments'),
  list('branch branches'),
  list('customer customers client clients'),
  list('message messages slack teams chat'),
]

const empty = new Set(
  list(`a an the any anything all my our your their its to of in on at from for with without into onto me us them it this that these those
    ever again please out up and or not no be is are do does unless until when while if by under no circumstances via using through anyone
    anybody someone somebody new more else things something tool tools one ones there here now today directly automatically yourself`),
)

const opening =
  /(?:\b(?:do not|don['’]?t|never|must not|mustn['’]?t|may not|should not|shouldn['’]?t|cannot|can['’]?t|you are not (?:allowed|permitted) to|you['’]re not (?:allowed|permitted) to|under no circumstances|no)\s+(?:ever\s+|again\s+|please\s+|you\s+|to\s+)*)(?<rest>(?:[^.!?;\n]|\.(?=\w)){2,160})/i

/** `undefined`: nothing in it says what must not be done. */
export function boundaryOf(text: string): Boundary | undefined {
  const rest = opening.exec(text.normalize('NFKC'))?.groups?.['rest']
  if (rest === undefined) return undefined
  const words = rest.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_./*-]*[\p{L}\p{N}*]|[\p{L}\p{N}]/gu) ?? []
  const at = words.findIndex((word) => deedOf(word) !== undefined)
  const deed = deedOf(words[at] ?? '')
  // The deed is what is spoken of, not something three clauses later.
  if (deed === undefined || at > 2) return undefined
  const objects = words
    .slice(at + 1)
    .filter((word) => !empty.has(word) && !deed.words.includes(word) && !isDomain(word))
    .slice(0, 4)
    .map(wordsFor)
  return {
    tools: [],
    domains: words.filter(isDomain),
    consequences: deed.consequence === undefined ? [] : [deed.consequence],
    deeds: deed.words,
    objects,
  }
}

function isDomain(word: string): boolean {
  return /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/.test(word) && !/\.(?:ts|js|py|md|json|yaml|yml|txt|env|sh|go|rs|java|c|h|cpp)$/.test(word)
}

function deedOf(word: string): Deed | undefined {
  const forms = formsOf(word)
  return deeds.find(({ words }) => words.some((one) => forms.includes(one)))
}

function formsOf(word: string): string[] {
  const forms = [word]
  if (word.endsWith('ing')) forms.push(word.slice(0, -3), `${word.slice(0, -3)}e`)
  if (word.endsWith('ed')) forms.push(word.slice(0, -2), word.slice(0, -1))
  if (word.endsWith('es')) forms.push(word.slice(0, -2))
  if (word.endsWith('s')) forms.push(word.slice(0, -1))
  return forms
}

function wordsFor(word: string): readonly string[] {
  const group = synonyms.find((one) => formsOf(word).some((form) => one.includes(form)))
  return group ?? [...new Set(formsOf(word))]
}

/** What is about to be done with a tool. */
export interface Doing {
  readonly tool: {
    readonly name: string
    readonly title?: string | undefined
    readonly effect: 'read' | 'write' | 'destructive' | undefined
  }
  /** `undefined` while only the offer of the tool is in question. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
}

export type Held = 'deny' | 'confirm' | undefined

/**
 * Whether a boundary stands against a call. Where the deed fits and nobody can tell on what it would be done, a person is asked.
 * What is known to read only is held by boundaries about reading alone.
 */
export function holdsAgainst(boundary: Boundary, { tool, arguments: given }: Doing): Held {
  const said = given === undefined ? '' : JSON.stringify(given).toLowerCase()
  if (matchesAny(tool.name, boundary.tools)) return 'deny'
  if (boundary.domains.length > 0 && boundary.deeds.length === 0)
    return boundary.domains.some((domain) => names(said, domain)) ? 'deny' : undefined
  const own = namesOf(tool.name, tool.title)
  // What a shell is told to run is a deed as well.
  const commanded = given === undefined ? [] : commandWords(given)
  const isReading = boundary.deeds.includes('read') || boundary.deeds.includes('visit')
  if (tool.effect === 'read' && !isReading) return undefined
  const isDeed = boundary.deeds.some((deed) => own.has(deed) || commanded.includes(deed))
  if (boundary.domains.some((domain) => names(said, domain)) && (isDeed || isReading)) return 'deny'
  if (!isDeed || (boundary.domains.length > 0 && boundary.objects.length === 0)) return undefined
  if (boundary.objects.length === 0) return 'deny'
  const isOn = boundary.objects.every((words) => words.some((word) => own.has(word) || saysWhole(said, word)))
  if (isOn) return 'deny'
  return given === undefined ? undefined : 'confirm'
}

/** Whether a boundary stands against an action on a screen. */
export function holdsOnScreen(
  { consequences, domains, objects }: Boundary,
  { classes, host, label }: { readonly classes: readonly string[]; readonly host: string | undefined; readonly label: string | undefined },
): Held {
  const isThere = host !== undefined && domains.some((domain) => host === domain || host.endsWith(`.${domain}`))
  const isDeed = consequences.some((one) => classes.includes(one))
  if (domains.length > 0) return isThere && (isDeed || consequences.length === 0) ? 'deny' : undefined
  if (!isDeed) return undefined
  const on = (label ?? '').toLowerCase()
  // A button seldom says on what it acts: what is not said is not taken for harmless.
  return objects.length === 0 || objects.every((words) => words.some((word) => on.includes(word))) ? 'deny' : 'confirm'
}

function namesOf(name: string, title = ''): Set<string> {
  const words = `${name} ${title}`
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  return new Set((words ?? []).flatMap(formsOf))
}

const commandFields = /^(?:command|cmd|script|code|sql|query|input|args)$/i

function commandWords(given: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(given).flatMap(([name, value]) =>
    commandFields.test(name) && (typeof value === 'string' || Array.isArray(value))
      ? (String(value)
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu) ?? [])
      : [],
  )
}

function saysWhole(said: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`, 'u').test(said)
}

function names(said: string, domain: string): boolean {
  return new RegExp(`(?<![\\w-])${escaped(domain)}(?![\\w-])`).test(said)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
