import {
  families,
  findHidden,
  findInjection,
  type HiddenKind,
  type InjectionFinding,
  normalise,
  scoreOf,
} from '../models/local/detect/index.ts'
import { asObject, type Definition } from './definitions.ts'

/** From here on a definition is held back until a person has read it: public definitions stay below (`bench/detect.ts`). */
const injectionLimit = 0.6
const hiddenLimit = 0.5
/** Public definitions have at most a few hundred texts and some ten thousand characters. */
const mostTexts = 3000
const mostCharacters = 100_000
/** Of all that one server lists: it may not keep the others waiting with what it has to say. */
const mostListed = 2_000_000

/** One text that a definition shows to a model. */
interface Place {
  readonly text: string
  readonly where: string
  /** A name is read as its words. */
  readonly isName?: boolean | undefined
}

export interface Suspicion {
  /** What was found and where, in our own words: nothing that the server wrote is quoted, because a model may read it. */
  readonly reason: string
}

const known = new WeakMap<Definition, Suspicion | 'none'>()

/**
 * What the text of a definition gives reason to suspect: hidden characters, and orders to the model that reads it.
 *
 * What could not be read to its end is suspicious too: nobody can say that it is clean.
 */
export function suspicionOf(definition: Definition): Suspicion | undefined {
  let found = known.get(definition)
  if (found === undefined) {
    found = scan(definition) ?? 'none'
    known.set(definition, found)
  }
  return found === 'none' ? undefined : found
}

/** The same for all that one server lists of a kind. What comes after too much text is not read, and so is suspicious. */
export function suspicionsIn(definitions: readonly Definition[]): (definition: Definition) => Suspicion | undefined {
  const unread = new Set<Definition>()
  let characters = 0
  for (const definition of definitions) {
    characters += sizeOf(definition)
    if (characters > mostListed) unread.add(definition)
  }
  return (definition) => (unread.has(definition) ? { reason: 'its server lists more text than is checked' } : suspicionOf(definition))
}

const sizes = new WeakMap<Definition, number>()

function sizeOf(definition: Definition): number {
  const size = sizes.get(definition) ?? placesOf(definition).places.reduce((sum, { text }) => sum + text.length, 0)
  sizes.set(definition, size)
  return size
}

/** What a scan found, to be kept. */
export interface Scanned {
  readonly characters: number
  readonly reason: string | undefined
}

export function scannedOf(definition: Definition): Scanned {
  return { characters: sizeOf(definition), reason: suspicionOf(definition)?.reason }
}

/** Takes up what a scan of this very content found. */
export function knowSuspicion(definition: Definition, { characters, reason }: Scanned): void {
  sizes.set(definition, characters)
  known.set(definition, reason === undefined ? 'none' : { reason })
}

function scan(definition: Definition): Suspicion | undefined {
  const { places, isWhole } = placesOf(definition)
  const reasons = new Map<string, Set<string>>()
  const say = (what: string, where: string) => reasons.set(what, (reasons.get(what) ?? new Set()).add(where))
  const injections: { finding: InjectionFinding; where: string }[] = []
  let truncated = !isWhole

  for (const { text, where, isName } of places) {
    const normalised = normalise(text)
    const hidden = findHidden(text, normalised)
    const worst = hidden.findings.filter(({ weight }) => weight >= hiddenLimit)
    for (const { kind } of worst) say(hiddenWords[kind], where)
    const scans = [findInjection(text, normalised), ...(isName ? [findInjection(wordsOf(text))] : [])]
    for (const { findings, truncated: isCut } of scans) {
      truncated ||= isCut
      for (const finding of findings) injections.push({ finding, where })
    }
  }
  if (scoreOf(injections.map(({ finding }) => finding)) >= injectionLimit) {
    for (const { finding, where } of injections) say(saysOf(finding), where)
  }
  if (truncated) say('is too long to be checked to its end', 'the definition')
  if (reasons.size === 0) return undefined
  return { reason: sentence(reasons) }
}

const hiddenWords: Record<HiddenKind, string> = {
  'tag-characters': 'has hidden text in Unicode tag characters',
  'bidi-control': 'has characters that reverse what is shown',
  'zero-width': 'has characters of no width',
  'variation-selectors': 'has hidden data in variation selectors',
  'private-use': 'has characters without a meaning',
  control: 'has control characters',
  filler: 'has blank characters that pass for letters',
  'mixed-script': 'has letters of another script that pass for Latin ones',
  'html-comment': 'has a comment that is not shown',
  'css-hidden': 'has text that a style hides',
  'ansi-escape': 'has terminal escape sequences',
  'encoded-text': 'has encoded text',
}

function saysOf({ family, concealed }: InjectionFinding): string {
  const says = families.find(({ name }) => name === family)?.says ?? family
  if (concealed === undefined) return says
  return `${says}, ${concealed === 'comment' ? 'in a comment that is not shown' : concealed === 'base64' ? 'in encoded text' : 'in invisible characters'}`
}

function sentence(reasons: ReadonlyMap<string, ReadonlySet<string>>): string {
  const parts = [...reasons].map(([what, wheres]) => {
    const [first, ...others] = wheres
    return `${first} ${what}${others.length > 0 ? ` (and ${others.length} more ${others.length > 1 ? 'places' : 'place'})` : ''}`
  })
  return parts.length > 3 ? `${parts.slice(0, 3).join('; ')}; and ${parts.length - 3} more` : parts.join('; ')
}

/** `read_file` and `readFile` as "read file", so that a name which is an order reads like one. */
function wordsOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[_\-./]+/g, ' ')
}

/** All that a model may be told of a definition: names, titles, descriptions, arguments, and whatever text its schemas have. */
export function placesOf(definition: Definition): { places: Place[]; isWhole: boolean } {
  const places: Place[] = []
  let characters = 0
  let isWhole = true
  const add = (text: unknown, where: string, isName?: boolean) => {
    // One short word orders nothing, and most of what a schema holds are such words.
    if (typeof text !== 'string' || /^[\w$-]{0,16}$/.test(text)) return
    characters += text.length
    if (places.length === mostTexts || characters > mostCharacters) isWhole = false
    else places.push({ text, where, isName })
  }

  add(definition['name'], 'its name', true)
  add(definition['uri'], 'its address')
  add(definition['uriTemplate'], 'its address')
  add(definition['title'], 'its title')
  add(definition['description'], 'its description')
  // A schema may be nested as deep as a server likes: no recursion.
  const open: { value: unknown; where: string }[] = []
  const annotations = asObject(definition['annotations'])
  open.push({ value: annotations, where: 'its annotations' })
  open.push({ value: definition['arguments'], where: 'its arguments' })
  open.push({ value: definition['outputSchema'], where: 'its output schema' })
  open.push({ value: definition['inputSchema'], where: 'its input schema' })
  for (let next = open.pop(); next && isWhole; next = open.pop()) {
    const { value, where } = next
    if (typeof value === 'string') add(value, where)
    else if (Array.isArray(value)) for (const item of value) open.push({ value: item, where })
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        add(key, where, true)
        open.push({ value: member, where })
      }
    }
  }
  return { places, isWhole }
}
