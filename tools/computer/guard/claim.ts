import { containment, foldReading, likeness, normalise } from '../../../models/local/detect/index.ts'
import { meaningsOf } from './concepts.ts'

/** What an agent says that it does: the text of the target where its format has one, or a sentence. */
export interface Claim {
  readonly targetText?: string | undefined
  readonly intent?: string | undefined
}

/** Words by which a sentence names a control, or what is done to it, instead of what stands on it. */
const around = new Set(
  (
    'a an the this that now next switching im using focus type something typing to on in at of for and or with by from into then now my your our its it is i will ill we please need want ' +
    'click clicks clicking tap press select choose hit open push double right left middle use check uncheck tick toggle focus go navigate activate ' +
    'button link icon tab field box input checkbox radio switch dropdown menu item option entry element control image picture label text textbox area row cell page dialog popup window screen top bottom corner side header footer sidebar toolbar bar ' +
    'der die das den dem des ein eine einen auf in im zu zum zur mit und oder von klicke klicken drücke drücken wähle wählen öffne öffnen schaltfläche knopf klick anklicken umschalten hier jetzt ich nächstes als schalter zeile um zu link feld symbol reiter kästchen ' +
    'el la los las un una en de del y o clic pulsar pulsa haga hacer botón enlace campo icono casilla ' +
    'le les un une sur dans du des et ou cliquer cliquez appuyer bouton lien champ icône case'
  ).split(' '),
)
/** The same in Chinese, where words are not parted. */
const aroundChinese = /点击|单击|双击|选择|按下|打开|按钮|链接|图标|输入框|复选框|标签|菜单|选项|请|的|上|在|这个|一下/gu

const beforeChinese = /^(?:请|我|现在|接下来|需要|将|要|来|去|在)*(?:点击|单击|双击|点按|按下|选择|勾选|使用)?/u
const intoChinese = /^在(.+?)(?:输入框|文本框|搜索框|字段)?[中里](?:点击|单击|输入)$/u
const afterChinese = /(?:这个|的)?(?:按钮|链接|图标|输入框|文本框|复选框|选项|标签|元素|字段|继续)+$/u

export interface Wanted {
  /** What the target is said to carry, as far as a claim tells. */
  readonly texts: readonly string[]
  readonly meanings: ReadonlySet<string>
  /** Where the claim names a row by what stands in it: "Edit in the row of Alice". */
  readonly row?: { readonly target: Wanted | undefined; readonly place: Wanted } | undefined
  /** Whether a field is claimed, or surely something else; `undefined` where the claim does not tell. */
  readonly isField: boolean | undefined
  /** Whether a sign without letters is claimed: a text of the same name may stand beside it. */
  readonly isSign: boolean
}

/** @returns Nothing when the claim names no target that could be looked for. */
export function wantedBy({ targetText, intent }: Claim): Wanted | undefined {
  const sources = [targetText, intent].filter((text) => text !== undefined && text.trim() !== '') as string[]
  const parts = sources.map(partsOf)
  const texts = parts.flatMap(({ main, target = main }) => (target === main ? textsIn(main) : [...textsIn(main), ...textsIn(target)]))
  if (texts.every((text) => foldReading(text) === '')) texts.push(...sources.map(nameOf))
  const mains = parts.map(({ main }) => main)
  const isField = mains.some((main) => fields.test(main)) || (mains.some((main) => others.test(main)) ? false : undefined)
  const kind = { isField, isSign: mains.some((main) => signs.test(main)) }
  const wanted = wantedOf(texts, kind)
  const [row] = parts.filter(({ place }) => place !== undefined)
  const place = row && wantedOf([row.place ?? '', ...textsIn(row.place ?? '')], kind)
  return wanted && (row && place ? { ...wanted, row: { target: wantedOf(textsIn(row.target ?? ''), kind), place } } : wanted)
}

function wantedOf(texts: readonly string[], kind: Pick<Wanted, 'isField' | 'isSign'>): Wanted | undefined {
  const named = texts.filter((text) => foldReading(text) !== '' || meaningsOf(text).size > 0)
  return named.length === 0 ? undefined : { texts: [...new Set(named)], meanings: meaningsOf(named.join(' ')), ...kind }
}

const fields =
  /(?<!\p{L})(?:field|input|text ?box|text ?area|search ?(?:box|bar)|drop-?down|combo ?box|list ?box|feld|eingabefeld|textfeld|suchfeld|auswahl(?:feld|liste)|campo|champ)(?!\p{L})|输入框|文本框|搜索框|下拉/iu
const others =
  /(?<!\p{L})(?:button|link|tab|check ?box|radio|switch|toggle|icon|chip|item|schaltfläche|knopf|reiter|kästchen|schalter|symbol|eintrag|menüpunkt)(?!\p{L})|按钮|链接|标签|复选框|开关|图标|选项/iu

const signs =
  /(?<!\p{L})(?:icon|symbol|sign|logo|arrow|triangle|pencil|gear|cog|bell|bin|trash(?: can)?|heart|star|magnif\p{L}+|(?:three|3) dots|hamburger|overflow menu|padlock|envelope|handset|cross|pfeil|zahnrad|glocke|mülleimer|herz|stern|lupe|stift|auge|trichter|pluszeichen|dreieck|drei punkte|büroklammer)(?!\p{L})|-(?:symbol|menü)(?!\p{L})|图标|箭头|垃圾桶|齿轮|铃铛|铅笔|星标|放大镜|漏斗/iu

interface ClaimParts {
  /** Without what the click is for. */
  readonly main: string
  readonly target?: string | undefined
  /** What stands in the row of the target. */
  readonly place?: string | undefined
}

/** What a click is for, before or after what is clicked. */
const purposes = [
  /^to (?<purpose>[^,]+), (?<main>.+)$/iu,
  /^um (?<purpose>[^,]+), (?<main>.+)$/iu,
  /^(?<main>.*?),? um (?<purpose>[^:]+?)(?<rest>: .+)?$/iu,
  /^(?<main>.*?(?:button|icon|symbol|link|field|box|tab|menu|item|arrow|triangle|pencil|heart|star|bell|dots|glass|can|gear|"|'|”)) (?:in order )?to (?<purpose>\p{Ll}.+)$/u,
  /^(?<main>.+?),? (?:in order )?to (?<purpose>(?:proceed|continue|go|start|finish|complete|check|access|open|see|view|show|throw|reset|use|move|change|join|leave|read|write|keep|stop)(?!\p{L}).*)$/u,
  /^(?<purpose>.+)，(?:所以|因此|于是)(?<main>.+)$/u,
  /^(?<main>.*(?:图标|按钮|链接|箭头|[”」"'）)]))(?:以便|以|来)(?<purpose>.+)$/u,
  /^用(?<main>.+?(?:图标|按钮|箭头))(?<purpose>\p{L}.*)$/u,
]
const rowWords = [
  /^(?<target>.+?) (?:in|on) the (?:row|line|entry) (?:of|for|with|named|called) (?<place>.+)$/iu,
  /^(?<target>.+?) that belongs to (?<place>.+)$/iu,
  /^(?<target>.+?) (?:next to|beside|for|of|from|under) (?<place>.+)$/iu,
  /^(?<target>.+?) in der (?:Zeile|Reihe)(?: von| mit| für)? (?<place>.+)$/iu,
  /^(?<target>.+?) (?:bei|beim|von|für|neben) (?<place>.+?)(?: anklicken| klicken)?$/iu,
  /^(?<target>.+?) ?[(（](?<place>[^()（）]+)[)）]$/u,
  /^(?:请|我)?(?:点击|单击|点按|选择|按下)? ?(?<place>.{2,}?) ?(?:这一行|那一行|一行|行|旁边|旁)?的 ?(?<target>.{2,})$/u,
]
/** Of what a click is for, the thing that may name a row: letters with digits, a name; in German what no article comes before. */
const names = [
  /(?:^| )(?<name>[\p{L}-]*\d[\p{L}\d-]*|\p{L}+-\p{L}+)(?: |$)/u,
  / (?:of|from|for) (?<name>\p{Lu}.+)$/u,
  /^(?!(?:de[nmr]|die|das|eine?[nr]?|alle[ns]?|etwas|mehr|i[nm]|zu|auf|an)(?!\p{L}))(?<name>.+) zu \p{L}+$/iu,
  /^(?!(?:de[nmr]|die|das|eine?[nr]?|the) )\p{Ll}+ (?<name>\p{Lu}[\p{L}’'-]*(?: \p{L}+)*)$/u,
  /^\p{sc=Han}+ ?(?<name>[A-Za-z][\w .'-]+)$/u,
]

/** "To edit Alice, I press the pencil" is about the pencil, in a row that Alice may name. */
function partsOf(source: string): ClaimParts {
  let main = source.trim().replace(/[.。]$/u, '')
  let name: string | undefined
  for (const words of purposes) {
    const { main: own, purpose, rest = '' } = words.exec(main)?.groups ?? {}
    if (own === undefined || purpose === undefined) continue
    main = rest === '' ? own : rest.replace(/^: /, '')
    name = names.map((one) => one.exec(purpose)?.groups?.['name']).find((one) => one !== undefined)
    break
  }
  for (const words of rowWords) {
    const { target, place } = words.exec(main)?.groups ?? {}
    // Words within a label name no row.
    const isWhole = (place?.match(/["“”„«»「」『』]|'(?!\p{L})|(?<!\p{L})'/gu)?.length ?? 0) % 2 === 0
    if (target !== undefined && place !== undefined && isWhole && contentOf(target) !== '') return { main, target, place }
  }
  return { main, ...(name !== undefined && { target: main, place: name }) }
}

/** What is quoted in a sentence, what is left of it without the verb before and the noun behind, and its words without those around a target. */
function textsIn(source: string): string[] {
  const quoted = [...source.matchAll(/(?:["“”„«»「『]|(?<!\p{L})')([^"“”„«»「」『』']{1,80})(?:["“”»«」』]|'(?!\p{L}))/gu)].map(
    ([, inner]) => inner ?? '',
  )
  // A verb or a noun may be a part of what stands there: 打开聊天.
  const inner = source.replace(intoChinese, '$1').replace(beforeChinese, '').replace(afterChinese, '')
  const bare = bareName.exec(source)?.groups?.['name']
  const isName = bare !== undefined && /^\p{Lu}/u.test(bare)
  return [...quoted, ...(isName ? [bare] : []), ...(/\p{sc=Han}/u.test(inner) ? [inner] : []), contentOf(source)]
}

const bareName =
  /^(?:i (?:will now |need to )?|i'll |now )?(?:click|clicking|tap|press|select|choose|hit|use)(?: on| into)?(?: the)? (?<name>\p{Lu}.*?)(?: (?:button|link|icon|tab|field|checkbox|item|now))?$/iu

/** Of a label that is itself a word for what is done, what is left when the verb before it is: "Click Choose". */
function nameOf(sentence: string): string {
  return (
    /^(?:please )?(?:click|tap|press|hit)(?: on)? (\p{Lu}[\p{L} ]{0,30})$/iu.exec(sentence.trim())?.[1]?.replace(/^\p{Ll}.*/u, '') ?? ''
  )
}

function contentOf(sentence: string): string {
  const words = sentence
    .replaceAll(aroundChinese, ' ')
    .split(/[\s"“”„«»()[\],;:!]+/)
    .map((word) => word.replaceAll(/^'|'$/g, ''))
  const kept = words.filter((word) => word !== '' && !around.has(word.toLowerCase().replaceAll(/['’]|\.$/g, '')))
  return kept.join(' ')
}

/** 0 to 1: how well what stands on the screen goes with the claim. */
export function fitOf(label: string, wanted: Wanted): number {
  const folded = foldReading(label)
  const own = meaningsOf(label)
  const shared = [...own].some((meaning) => wanted.meanings.has(meaning))
  let best = 0
  for (const text of wanted.texts) best = Math.max(best, textFit(label, folded, text))
  // The same meaning in other words; beside a text that speaks against it ("Delete account" and "delete the draft") it is not enough.
  // And a thing alone is not what is done to it: "New password" and "Save password".
  const isWhole = [...wanted.meanings].every((meaning) => own.has(meaning))
  if (shared) best = Math.max(best, !ofOneScript(label, wanted) ? 0.8 : !isWhole ? 0.5 : wordsOf(label).length > 2 ? 0.6 : 0.8)
  return best
}

/** Whether a text is what names a row, letter by letter: "db-prod" is not "web-prod-1". */
export function namesExactly(label: string, { texts }: Wanted): boolean {
  const own = foldReading(label)
  if (own.length < 2) return false
  return texts.map(foldReading).some((text) => {
    const isPart = text.length >= 2 && (own.includes(text) || (own.length >= 4 && text.includes(own)))
    return isPart || (text.length >= 6 && likeness(own, text) >= 0.9)
  })
}

/** Signs that a reader takes for each other. */
const alikeSigns = ['人入八', '日目且曰旦白回', '未末', '己已巳', '土士', '大太犬', '干千于', '天夭无', '王玉主', '力刀']

/**
 * Whether a short label in Chinese has one sign other than what is claimed, where a reader was not sure of it or takes the two for each
 * other: 导人 and 导入, and not 导出.
 */
export function isMisreadSign(label: string, { texts }: Wanted, isSure: boolean): boolean {
  const own = signsOf(label)
  if (own.length < 2 || own.length > 4 || !own.every((sign) => /\p{sc=Han}/u.test(sign))) return false
  return texts.some((text) => {
    const other = signsOf(text)
    const [at, ...more] = own.flatMap((sign, index) => (sign === other[index] ? [] : [index]))
    if (other.length !== own.length || at === undefined || more.length > 0) return false
    return !isSure || alikeSigns.some((alike) => alike.includes(own[at] ?? '') && alike.includes(other[at] ?? ''))
  })
}

/** Whether a number is claimed, and what was read consists of digits with it among them: the pages of a list, close together. */
export function isOneOfPages(label: string, { texts }: Wanted): boolean {
  return /^[\d ]+$/.test(label) && texts.some((text) => /^\d+$/.test(text.trim()) && label.includes(text.trim()))
}

function signsOf(text: string): string[] {
  return [...text.replaceAll(/[^\p{L}\p{N}]/gu, '')]
}

function textFit(label: string, folded: string, text: string): number {
  const wanted = foldReading(text)
  if (folded === '' || wanted === '') return label.trim() === text.trim() ? 1 : 0
  const shorter = Math.min(folded.length, wanted.length)
  const whole = likeness(folded, wanted)
  if (shorter < 3) return folded === wanted || (/\p{sc=Han}/u.test(folded) && wanted.includes(folded)) ? 1 : Math.min(whole, 0.5)
  const within = folded.length <= wanted.length ? containment(folded, wanted) : containment(wanted, folded)
  // Contained, but only a small part of a longer text: "Save" in a paragraph that speaks of saving.
  const share = shorter / Math.max(folded.length, wanted.length)
  const contained = within >= 0.85 ? within * (share >= 0.25 || wordStarts(label, text) ? 1 : 0.75) : within * 0.6
  return Math.max(whole, contained, wordFit(label, text))
}

/** Whether the shorter begins where a word of the longer begins: "end" is not in "send". */
function wordStarts(left: string, right: string): boolean {
  const [part, whole] = left.length <= right.length ? [left, right] : [right, left]
  const first = wordsOf(part)[0]
  return first !== undefined && wordsOf(whole).some((word) => word.startsWith(first))
}

/** Of the words of the smaller side, those that the other has as well, a mistake of reading forgiven. */
function wordFit(left: string, right: string): number {
  const [a, b] = [wordsOf(left), wordsOf(right)]
  const [few, many] = a.length <= b.length ? [a, b] : [b, a]
  const long = few.filter((word) => word.length > 2)
  if (long.length === 0) return 0
  const found = long.filter((word) => many.some((other) => likeness(word, other) >= 0.8))
  return (found.length / long.length) * (long.length === 1 && many.length > 3 ? 0.8 : 0.95)
}

function wordsOf(text: string): string[] {
  return normalise(text)
    .text.split(/[^\p{L}\p{N}]+/u)
    .map(foldReading)
    .filter((word) => word !== '' && !around.has(word))
}

/** Whether a comparison of letters can say anything: a Chinese label and an English claim share none. */
export function ofOneScript(label: string, wanted: Wanted): boolean {
  const isHan = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(label)
  return wanted.texts.some((text) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(text) === isHan)
}
