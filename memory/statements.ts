import { maskSecrets } from '../models/local/detect/index.ts'
import { speakerOf, withoutSpeaker } from './sentences.ts'
import { anyRelation, type Statement } from './statement.ts'

const dayMs = 86_400_000
/** More in one piece of text is a list or a form. */
const mostStatements = 8
const mostCharacters = 4000
const mostValue = 80

type Draft = Omit<Statement, 'validFrom'>

/**
 * What a person says of themselves, of theirs and of what they work on, by patterns: English, and the commonest of German. Questions,
 * wishes, quotations and code are not read. What is missed is found as a text all the same, so a pattern that is not sure reads nothing.
 */
export function statementsIn(text: string, { at }: { at: number }): Statement[] {
  const speaker = speakerOf(text)?.toLowerCase().split(' ')[0] ?? 'user'
  const found = new Map<string, Statement>()
  for (const said of clausesOf(withoutSpeaker(text.slice(0, mostCharacters)))) {
    // Looked for only where something is read: it takes longer than all patterns.
    let masked: string | undefined
    for (const { pattern, read } of patterns) {
      if (!pattern.test(masked ?? said)) continue
      masked ??= maskSecrets(said).text
      const clause = masked
      const match = pattern.exec(clause)
      if (match === null || unsure.test(clause.slice(0, match.index))) continue
      for (const draft of read(match.groups ?? {}, speaker)) {
        if (!isValue(draft.value) || found.size >= mostStatements) continue
        const statement = { ...draft, validFrom: timeNamed(clause, at) ?? at }
        // Of a relation that has one value the first counts; others may hold, or end, beside each other.
        const key = JSON.stringify([draft.subject, draft.relation, draft.ends, draft.many || draft.ends ? draft.value : null])
        if (!found.has(key)) found.set(key, statement)
      }
    }
  }
  return [...found.values()]
}

/** Sentences that tell, cut where another one begins inside. */
function clausesOf(text: string): string[] {
  return text
    .replace(/```[\s\S]*?(?:```|$)/g, '\n')
    .split('\n')
    .filter((line) => !/^\s*(?:>|\||[{}[\]<])/.test(line))
    .flatMap((line) => line.split(/(?<=[.!?]["')\]»”]*)\s+/))
    .filter((sentence) => !/[?？]["')\]»”]*\s*$/.test(sentence))
    .flatMap((sentence) =>
      sentence.split(/[;:]\s|\s[–—-]{1,2}\s|,\s+(?=(?:(?:so|and|but|because|und|aber)\s+)?(?:i|i'm|my|we|our|the|ich|mein\w*|wir)\b)/iu),
    )
    .map((clause) => clause.replaceAll('’', "'").replace(/\s+/g, ' ').trim())
    .filter((clause) => clause.length >= 8 && clause.length <= 300)
}

/** Before a match, what makes it no statement. */
const unsure =
  /\b(?:if|whether|wish|would|could|might|may|should|unless|until|imagine|suppose|pretend|hope|maybe|perhaps|example|e\.g|sure|used to|once|thought|said|says|asked|wenn|falls|ob|vielleicht|würde|könnte)\b|n't (?:think|believe|know)/i

/** Where a value ends. */
const trailing =
  /\s+(?:and|but|because|so|since|as of|which|that|when|while|who|where|although|though|with|without|from now on|these days|any ?more|any longer|now|at the moment|at work|in case|please|after|before|until|instead|today|tonight|yesterday|tomorrow|last|this|next|for now|already|again|too|jetzt|und|aber|weil|seit)\b.*$/iu
const empty =
  /^(?:that|to|how|why|what|whether|not|no|never|if|when|because|very|so|too|really|quite|pretty|just|getting|going|being|still|also|as|like|ready|done|fine|good|bad|nice|great|ok|okay|closed|open|there|here|down|up|it|this|these|those|you|your|him|her|them|more|less|better|worse|about|all|always|currently|now|gone|over|mine|yours|both|either|such|only|almost|already|wrong|right|true|false|broken|missing|important|hard|easy|different|same|kein\w*|nicht|dass|sehr|[a-z]+ly|often|another|part|full|quite|into|unlike|near)\b/i

function isValue(value: string): boolean {
  return value.length >= 1 && value.length <= mostValue && /[\p{L}\p{N}]/u.test(value) && !empty.test(value)
}

function readValue(text = ''): string {
  return text
    .replace(/,\s.*$/, '')
    .replace(trailing, '')
    .replace(/^(?:now|currently|called|named)\s+/i, '')
    .replace(/[\s.,;:!"'”»)]+$/u, '')
    .replace(/^["'“«(]+/u, '')
    .trim()
}

/** A name of a relation or thing, without what stands before every such name. */
function nameOf(text = ''): string {
  return text
    .toLowerCase()
    .replace(/^(?:own|new|current|present|actual|neue[rs]?)\s+/, '')
    .replace(/favorite/, 'favourite')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Words that begin what sounds like a fact and is talk. */
const noName =
  /^(?:question|problem|point|issue|thing|things|idea|answer|reason|guess|goal|rest|fact|truth|trouble|same|first|last|next|best|worst|one|ones|other|others|old|former|previous|ex|only|way|result|results|case|code|error|output|difference|key|most|more|news|time|people|bad|fault|turn|bet|pleasure|understanding|opinion|advice|favor|favour|apologies|thanks)\b/
const kin =
  /^(?:(?:older|younger|little|big|oldest|youngest|eldest|best) )?(?:sister|brother|cousin|aunt|uncle|friend|colleague|neighbou?r|son|daughter|child|kid|niece|nephew|dog|cat|pet|student|teammate|coworker|flatmate|roommate)$/
const numberWord =
  /^(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)(?: years old| months old)?$/i

/** `is` of a thing: a value that is only how it feels or what happens to it is none. */
function isOf(groups: Groups, speaker: string): Draft[] {
  const name = nameOf(groups['name'])
  const value = readValue(groups['value'])
  if (name === '' || noName.test(name) || /\b(?:that|which|who|you|i|we|they|he|she|it|is|are|was|if|this|when|or)\b/.test(name)) return []
  if (/^\w+(?:ing|ed)$/i.test(value.split(' ')[0] ?? '') && !/\d/.test(value)) return []
  const isMine = groups['whose']?.toLowerCase().startsWith('m') === true
  const isDefinite = isMine || groups['now'] !== undefined || /\d|\p{Lu}|\w[/@_.]\w|\b\w+(?:rst|nd|rd|th) \w/u.test(value)
  if (!isDefinite) return []
  const subject = isMine ? speaker : 'we'
  if (kin.test(name)) {
    if (numberWord.test(value)) return [{ subject: `${subject} ${name}`, relation: 'age', value }]
    return /^\p{Lu}/u.test(value) ? [{ subject, relation: name, value, many: true }] : []
  }
  return [{ subject, relation: name, value, ...(groups['not'] !== undefined && { ends: true }) }]
}

/** Somebody else than the speaker: one of theirs, or a name. */
function whoOf({ whose, who, name }: Groups, speaker: string): string {
  if (whose !== undefined) return `${whose.toLowerCase().startsWith('m') ? speaker : 'we'} ${nameOf(who)}`
  return name?.toLowerCase() ?? speaker
}

type Groups = Readonly<Record<string, string | undefined>>

const adverbs =
  '(?:(?:now|just|recently|finally|currently|still|also|actually|really|mostly|mainly|only|only now|both|always|jetzt|since \\w+|absolutely|totally|usually) )*'
const I = `\\b(?:I|i)(?:'m| am|'ve| have)? ${adverbs}`
const other = `\\b(?:(?<whose>[Mm]y|[Oo]ur) (?<who>[\\p{L}-]+(?: [\\p{L}-]+)?)|(?<name>\\p{Lu}[\\p{L}-]+))(?:'s| is| has)? ${adverbs}`
const rest = '(?<value>.{1,120})$'

const lives = ({ value }: Groups, subject: string): Draft[] => {
  const place = readValue(value)
  return /^\p{Lu}/u.test(place) ? [{ subject, relation: 'lives in', value: place }] : []
}
const worksAt = ({ value }: Groups, subject: string): Draft[] => {
  const employer = readValue(value)
  return /^\w+ing\b/.test(employer) ? [] : [{ subject, relation: 'works at', value: employer }]
}

/** What somebody thinks of something is one relation for each thing: a newer liking ends an older dislike. */
function opinion(value: 'likes' | 'dislikes', groups: Groups, subject: string): Draft[] {
  const thing = readValue(groups['value'])
    .replace(/^(?:the|a|an|my) /i, '')
    .replace(/\s(?:in|on|at|for|over|to|more|most|a lot|very|so)\b.*$/i, '')
    .toLowerCase()
  return !isValue(thing) || thing.split(' ').length > 4 || /\b(?:you|it|everything|about|how)\b/.test(thing)
    ? []
    : [{ subject, relation: `opinion of ${thing}`, value }]
}

function uses({ value, purpose, whose }: Groups, speaker: string): Draft[] {
  const subject = whose?.toLowerCase() === 'i' ? speaker : 'we'
  const one = readValue(value)
  const goal = purpose === undefined ? '' : nameOf(readValue(purpose)).replace(/^(?:the|our|my|all) /, '')
  if (one.split(' ').length > 5) return []
  return goal === '' ? [{ subject, relation: 'uses', value: one, many: true }] : [{ subject, relation: `uses for ${goal}`, value: one }]
}

interface Pattern {
  readonly pattern: RegExp
  readonly read: (groups: Groups, speaker: string) => Draft[]
}

const when = (pattern: string, read: Pattern['read'], flags = 'u'): Pattern => ({ pattern: new RegExp(pattern, flags), read })

const patterns: readonly Pattern[] = [
  when(
    `${I}(?:live|lived(?= .*\\bsince\\b)|living|moved|moving|relocated|relocating|settled)(?: back| over| out)? (?:to|in|at|into) ${rest}`,
    lives,
  ),
  when(`${other}(?:lives|living|moved|moving|relocated)(?: back| over| out)? (?:to|in|into) ${rest}`, (groups, speaker) =>
    lives(groups, whoOf(groups, speaker)),
  ),
  when(`${I}(?:(?:work|working|started|starting|got a job) (?:at|for)|joined(?= (?:the )?\\p{Lu})) ${rest}`, worksAt),
  when(`${other}(?:works|working|started|starting) (?:at|for) ${rest}`, (groups, speaker) => worksAt(groups, whoOf(groups, speaker))),
  when(`${I}(?:work|working) as (?:an? |the )?${rest}`, ({ value }, subject) => [
    { subject, relation: 'works as', value: readValue(value) },
  ]),
  when(`${I}(?:quit|left) (?:my job at |working at |working for )?(?!my job|work|home|the house|a |an )${rest}`, (groups, subject) =>
    worksAt(groups, subject).map((draft) => ({ ...draft, ends: true })),
  ),
  when(
    `(?:\\b[Mm]y name is|\\b[Cc]all me|${I}go by|\\b(?:I'm|I am) called) (?:now )?(?<value>\\p{Lu}[\\p{L}'-]*(?: \\p{Lu}[\\p{L}'-]*){0,3})`,
    ({ value = '' }, subject) => [{ subject, relation: 'name', value }],
  ),
  when(`${I}(?<value>[1-9]\\d?)(?: years old)?(?: now)?(?=[.!,]|$)`, ({ value = '' }, subject) => [{ subject, relation: 'age', value }]),
  when(`${I}(?:was )?born (?:on|in) ${rest}`, ({ value }, subject) => [{ subject, relation: 'born', value: readValue(value) }]),
  when(
    `${I}(?<not>no longer |not )?(?<state>vegetarian|vegan|pregnant|left-handed|colou?r-?blind|lactose intolerant|retired|unemployed|diabetic|allergic to (?<thing>[\\p{L} -]{2,40}))`,
    ({ not, state = '', thing }, subject) => [
      {
        subject,
        relation: thing === undefined ? state : `allergic to ${readValue(thing)}`,
        value: not === undefined ? 'yes' : 'none any more',
      },
    ],
  ),
  when(`${I}(?<value>married|single|engaged|divorced|widowed)\\b`, ({ value = '' }, subject) => [
    { subject, relation: 'marital status', value },
  ]),
  when(`${I}(?<verb>drive|study|ride|rent) ${rest}`, ({ verb = '', value }, subject) => [
    { subject, relation: { drive: 'drives', study: 'studies', ride: 'rides' }[verb] ?? 'rents', value: readValue(value) },
  ]),
  when(`${I}(?:like|love|enjoy|adore) ${rest}`, (groups, subject) => opinion('likes', groups, subject)),
  when(`${I}(?:hate|dislike|can't stand|cannot stand|don't like|do not like|no longer like|don't enjoy) ${rest}`, (groups, subject) =>
    opinion('dislikes', groups, subject),
  ),
  when(`${I}prefer (?<one>[\\p{L}\\d -]{2,30}?) (?:to|over|rather than) (?<two>[\\p{L}\\d -]{2,30})`, ({ one, two }, subject) => {
    const [value, less] = [readValue(one), readValue(two)]
    return less === '' ? [] : [{ subject, relation: `preference of ${[value, less].toSorted().join(' or ').toLowerCase()}`, value }]
  }),
  when(
    `\\b(?<whose>[Ww]e|I)(?:'re| are|'m| am)? ${adverbs}(?:use|using) (?<value>[^,]{2,60}?)(?: for (?<purpose>[^,]{2,60}))?(?=[.!,]|$)`,
    uses,
  ),
  when(`\\b[Ww]e(?:'re| are)? ${adverbs}(?:deploy|deploying|host|publish|ship) (?:to|on|at|with) ${rest}`, ({ value }) => [
    { subject: 'we', relation: 'deploys to', value: readValue(value) },
  ]),
  when(
    `\\b(?<whose>[Ww]e|I)(?:'ve| have)? ${adverbs}(?:switched|moved|migrated|changed|went)(?: over)? from (?<from>[^,]{2,40}?) to (?<value>[^,]{2,60}?)(?: for (?<purpose>[^,]{2,60}))?(?=[.!,]|$)`,
    (groups, speaker) => {
      const made = uses(groups, speaker)
      return made.length === 0
        ? []
        : [...made, { subject: made[0]?.subject ?? 'we', relation: anyRelation, value: readValue(groups['from']), ends: true }]
    },
  ),
  when(
    `\\b(?:changed|switched|updated|renamed|set|moved) (?<whose>my|our|the) (?<name>[\\p{L}\\d' -]{2,40}?) (?:from .{1,40} )?to ${rest}`,
    isOf,
  ),
  when(
    `\\b(?<whose>[Mm]y|[Oo]ur|[Tt]he) (?<name>[\\p{L}\\d][\\p{L}\\d'/.-]*(?: [\\p{L}\\d'/-]+){0,4}?)(?: has| have| was| were| got)?(?: been)? (?:moved|changed|set|postponed|rescheduled|renamed|switched)(?: back)? to ${rest}`,
    // A person who moves is no other person.
    (groups, speaker) => (kin.test(nameOf(groups['name'])) ? [] : isOf(groups, speaker)),
  ),
  when(
    `\\b(?<whose>[Mm]y|[Oo]ur|[Tt]he) (?<name>[\\p{L}\\d][\\p{L}\\d'/-]*(?: [\\p{L}\\d'/-]+){0,4}?) (?:is|are)(?<not> no longer| not)?(?<now> now| currently)?(?: called| at| on| in| due on)* ${rest}`,
    isOf,
  ),
  when(`(?<name>\\p{Lu}[\\p{L}\\d-]*(?: \\p{Lu}[\\p{L}\\d-]*){0,3}) is now (?:called )?${rest}`, ({ name = '', value }) => [
    { subject: nameOf(name), relation: 'is', value: readValue(value) },
  ]),
  when(`\\b[Ii]ch (?:wohne|lebe) (?:jetzt |nun )?in ${rest}`, lives),
  when('\\b[Ii]ch bin (?:jetzt |nun )?nach (?<value>\\p{Lu}[\\p{L}-]*) (?:um)?gezogen', lives),
  when(`\\b[Ii]ch arbeite (?:jetzt |nun )?(?:bei|für) ${rest}`, worksAt),
  when('\\b[Ii]ch heiße (?<value>\\p{Lu}[\\p{L} -]*)', ({ value }, subject) => [{ subject, relation: 'name', value: readValue(value) }]),
  when(`\\b(?<whose>[Mm]eine?) (?<name>[\\p{L}-]+(?: [\\p{L}-]+)?) (?:ist|heißt|lautet) (?:jetzt |nun )?${rest}`, isOf),
]

const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']
const since = new RegExp(`\\b(?:since|in|from|as of) (?:(${months.join('|')})(?: (\\d{4}))?|((?:19|20)\\d\\d))\\b`, 'i')

/** From when it holds, where the clause says so; never later than it was said, since what is to come is not yet so. */
function timeNamed(clause: string, at: number): number | undefined {
  if (/\byesterday\b/i.test(clause)) return at - dayMs
  const last = /\blast (week|weekend|month|year)\b/i.exec(clause)?.[1]?.toLowerCase()
  if (last !== undefined) return at - dayMs * ({ month: 30, year: 365 }[last] ?? 7)
  const ago = /\b(\d{1,3}|a|an|two|three) (day|week|month|year)s? ago\b/i.exec(clause)
  if (ago !== null) {
    const count = { a: 1, an: 1, two: 2, three: 3 }[ago[1]?.toLowerCase() ?? ''] ?? Number(ago[1])
    return at - count * dayMs * ({ week: 7, month: 30, year: 365 }[ago[2]?.toLowerCase() ?? ''] ?? 1)
  }
  const named = since.exec(clause)
  if (named === null || /\bborn\b/i.test(clause)) return undefined
  const year = Number(named[2] ?? named[3] ?? new Date(at).getUTCFullYear())
  const then = Date.UTC(year, Math.max(0, months.indexOf(named[1]?.toLowerCase() ?? '')), 1)
  const latest =
    named[1] !== undefined && named[2] === undefined && then > at ? Date.UTC(year - 1, months.indexOf(named[1].toLowerCase()), 1) : then
  return latest <= at ? latest : undefined
}
