import { type ConsentClass, consentClasses } from './consent-classes.ts'
import { german } from './lexicon/de.ts'
import { english } from './lexicon/en.ts'
import { spanish } from './lexicon/es.ts'
import { french } from './lexicon/fr.ts'
import { further } from './lexicon/further.ts'
import { italianAndPortuguese } from './lexicon/it-pt.ts'
import { japanese } from './lexicon/ja.ts'
import type { Lexicon } from './lexicon/lexicon.ts'
import { compilePhrases, foldText, type PhraseMatch, type Phrases, readText } from './lexicon/phrases.ts'
import { chinese } from './lexicon/zh.ts'

/** All at once: nobody says which language a label is in. */
const lexicons: readonly Lexicon[] = [english, german, spanish, french, italianAndPortuguese, chinese, japanese, further]

/** A class and the words that name it. */
export interface WordHit {
  readonly class: ConsentClass
  readonly words: string
}

const joined = (of: (lexicon: Lexicon) => string | undefined) => lexicons.map((lexicon) => of(lexicon) ?? '').join(';')
const anchored = (list: string, anchor: '^' | '$') =>
  list
    .split(';')
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')
    .map((phrase) => (anchor === '^' ? `^${phrase}` : `${phrase}$`))
    .join(';')

const byClass = consentClasses.map((name) => ({ name, phrases: compilePhrases(joined(({ classes }) => classes[name])) }))
const switchedBy = consentClasses.map((name) => ({ name, phrases: compilePhrases(joined(({ switches }) => switches?.[name])) }))
const commits = compilePhrases(joined((lexicon) => lexicon.commits))
const continues = compilePhrases(joined((lexicon) => lexicon.continues))
const looks = compilePhrases(
  anchored(
    joined((lexicon) => lexicon.looks),
    '^',
  ),
)
const surfaces = compilePhrases(
  anchored(
    joined((lexicon) => lexicon.surfaces),
    '$',
  ),
)
const collections = compilePhrases(
  anchored(
    joined((lexicon) => lexicon.collections),
    '$',
  ),
)
const others = compilePhrases(joined((lexicon) => lexicon.others))
const firm = compilePhrases(joined((lexicon) => lexicon.firm))

/** What a control is called by those who speak about it: "the Send button". */
const control =
  /\s*(?:button|icon|link|checkbox|toggle|switch|schaltflache|knopf|symbol|boton|icono|bouton|icone|lien|按钮|图标|按鈕|链接|ボタン|アイコン)$/u
/** What stands between a verb and a thing that it acts on, as opposed to a name made of both. */
const joint =
  /(?<!\p{L})(?:for|to|with|the|a|an|my|your|this|these|that|in|on|from|of|all|and|as|by|at|fur|an|mit|die|der|das|den|alle|auf|aus|para|con|el|la|los|las|del|de|en|mi|tu|pour|avec|le|les|des|du|une?|mon|ma|mes|sur)(?!\p{L})|的/u

/** What a label, or one clause of a sentence, asks for. */
export function classesIn(label: string): readonly WordHit[] {
  const text = foldText(label)
  const bare = text.replace(/\s*[([{][^)\]}]*[)\]}]\s*/g, ' ').trim()
  const hits = hitsIn(withoutControl(text))
  // A remark in brackets takes nothing from a label that is harmless by itself, and may be all that is said by another.
  return hits.length > 0 && bare !== text && bare !== '' && hitsIn(withoutControl(bare)).length === 0 && isHarmless(bare) ? [] : hits
}

/** A claim is a sentence: each of its clauses stands for itself, so that "open the menu" takes nothing from "and delete it". */
export function classesInSentence(sentence: string): readonly WordHit[] {
  const clauses = sentence.split(/[.;!?,:，。；！？、]|\s(?:and then|and|then|und dann|und|y luego|y|et puis|et|然后|并)\s/u)
  return clauses.flatMap((clause) => classesIn(clause ?? ''))
}

/** What a sign without words is said to do: "an arrow that installs the add-on", "Schild, das den Schutz abschaltet". */
export function classesInDescription(claim: string): readonly WordHit[] {
  return clausesOf(claim).flatMap((clause) => classesIn(clause))
}

export function isHarmlessDescription(claim: string): boolean {
  const isElse = (clause: string) => [looks, others].some((phrases) => first(phrases, foldText(clause)) !== undefined)
  return clausesOf(claim).some(isElse) && classesInDescription(claim).length === 0
}

/** Each relative clause for itself, its verb as in an imperative. */
function clausesOf(claim: string): string[] {
  return claim.split(/,\s*|\s(?=(?:that|which|to)\s)/u).map((clause) =>
    clause
      .replace(/^(?:that|which|to)\s+(\p{L}+)/u, (_, verb: string) =>
        verb
          .replace(/ies$/, 'y')
          .replace(/(?<=sh|ch|ss|x)es$/, '')
          .replace(/(?<!s)s$/, ''),
      )
      .replace(/^(?:der|die|das)\s+(.*\p{L})$/u, (_, rest: string) => rest.replace(/e?t$/, 'en')),
  )
}

/** Whether the label only says yes to what stands elsewhere, or only goes on; `undefined` when it says something itself. */
export function isCommit(label: string): 'commit' | 'continue' | undefined {
  const text = withoutControl(foldText(label))
  if (text === '' || !/[\p{L}\p{N}]/u.test(text)) return 'commit'
  if (first(continues, text) !== undefined) return 'continue'
  return first(commits, text) !== undefined ? 'commit' : undefined
}

/** What the noun beside a switch or a box stands for. */
export function classesOfSwitch(label: string): readonly WordHit[] {
  const text = foldText(label)
  return switchedBy.flatMap(({ name, phrases }) => {
    const match = first(phrases, text)
    return match === undefined ? [] : [{ class: name, words: match.words }]
  })
}

/** Whether the label says that nothing is done, or names a part of the surface. */
export function isHarmless(label: string): boolean {
  const text = withoutControl(foldText(label))
  return [looks, surfaces, others].some((phrases) => first(phrases, text) !== undefined)
}

function withoutControl(text: string): string {
  return text.replace(control, '').trim()
}

function hitsIn(text: string): WordHit[] {
  const read = readText(text)
  const found = byClass.flatMap(({ name, phrases }) => Array.from(phrases.matches(read), (match) => ({ name, match })))
  if (found.length === 0) return []
  const looking = [...looks.matches(read)]
  const elsewhere = [...others.matches(read)]
  const surface = [...surfaces.matches(read)][0]
  const collection = [...collections.matches(read)][0]
  const counts = (name: ConsentClass, match: PhraseMatch) => {
    const { start, end } = match
    if (elsewhere.some((span) => span.start < end && start < span.end && span.end - span.start >= end - start)) return false
    const before = looking.filter((span) => span.end <= start && !/[.;:!?]/.test(text.slice(span.end, start)))
    // To look at what is closed off, or at what is for adults, is what is asked about.
    if (before.some(({ words }) => !(looksPast.has(name) && lookings.test(words)))) return false
    if (surface !== undefined && surface.start >= end && isName(text.slice(end, surface.start))) return false
    const named = collection !== undefined && collection.start >= end && isName(text.slice(end, collection.start))
    return !named || [...firm.matches(read)].some((verb) => verb.start === start)
  }
  const hits = new Map<ConsentClass, WordHit>()
  for (const { name, match } of found) if (!hits.has(name) && counts(name, match)) hits.set(name, { class: name, words: match.words })
  return [...hits.values()]
}

const looksPast: ReadonlySet<ConsentClass> = new Set(['bypass', 'age'])
const lookings = /^(?:open|read|view|show|see|watch|ansehen|anzeigen|lesen|zeigen|zum|zur|ohne|nur|查看|阅读|显示|不)$/u

/** Whether what follows a verb makes it a name: nothing in between, or a word or two without an article or a preposition. */
function isName(between: string): boolean {
  return (between.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) <= 2 && !joint.test(between)
}

function first(phrases: Phrases, text: string): PhraseMatch | undefined {
  for (const match of phrases.matches(readText(text))) return match
  return undefined
}
