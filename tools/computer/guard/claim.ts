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
    'a an the this that to on in at of for and or with by from into then now my your our its it is i will ill we please need want ' +
    'click clicks clicking tap press select choose hit open push double right left middle use check uncheck tick toggle focus go navigate activate ' +
    'button link icon tab field box input checkbox radio switch dropdown menu item option entry element control image picture label text textbox area row cell page dialog popup window screen top bottom corner side header footer sidebar toolbar bar ' +
    'der die das den dem des ein eine einen auf in im zu zum zur mit und oder von klicke klicken drücke drücken wähle wählen öffne öffnen schaltfläche knopf link feld symbol reiter kästchen ' +
    'el la los las un una en de del y o clic pulsar pulsa haga hacer botón enlace campo icono casilla ' +
    'le les un une sur dans du des et ou cliquer cliquez appuyer bouton lien champ icône case'
  )
    .split(' ')
    .map((word) => normalise(word).text),
)
/** The same in Chinese, where words are not parted. */
const aroundChinese = /点击|单击|双击|选择|按下|打开|按钮|链接|图标|输入框|复选框|标签|菜单|选项|请|的|上|在|这个|一下/gu

const beforeChinese = /^(?:请|我|现在|将|要|来|去)*(?:点击|单击|双击|点按|按下|选择|勾选|使用)?/u
const afterChinese = /(?:这个|的)?(?:按钮|链接|图标|输入框|文本框|复选框|选项|标签|元素|字段|继续)+$/u

export interface Wanted {
  /** What the target is said to carry, as far as a claim tells. */
  readonly texts: readonly string[]
  readonly meanings: ReadonlySet<string>
}

/** @returns Nothing when the claim names no target that could be looked for. */
export function wantedBy({ targetText, intent }: Claim): Wanted | undefined {
  const sources = [targetText, intent].filter((text) => text !== undefined && text.trim() !== '') as string[]
  const texts = sources.flatMap((source) => {
    const quoted = [...source.matchAll(/["“”„«»「『']([^"“”„«»「」『』']{1,80})(?:["“”»«」』]|'(?!\p{L}))/gu)].map(
      ([, inner]) => inner ?? '',
    )
    // A verb or a noun may be a part of what stands there: 打开聊天.
    const inner = source.replace(beforeChinese, '').replace(afterChinese, '')
    const words = [...(/\p{sc=Han}/u.test(inner) ? [inner] : []), contentOf(source)]
    return [...quoted, ...words]
  })
  if (texts.every((text) => foldReading(text) === '')) texts.push(...sources.map(nameOf))
  const named = texts.filter((text) => foldReading(text) !== '' || meaningsOf(text).size > 0)
  if (named.length === 0) return undefined
  return { texts: named, meanings: meaningsOf(named.join(' ')) }
}

/** Of a label that is itself a word for what is done, what is left when the verb before it is: "Click Choose". */
function nameOf(sentence: string): string {
  return (
    /^(?:please )?(?:click|tap|press|hit)(?: on)? (\p{Lu}[\p{L} ]{0,30})$/iu.exec(sentence.trim())?.[1]?.replace(/^\p{Ll}.*/u, '') ?? ''
  )
}

function contentOf(sentence: string): string {
  const words = sentence.replaceAll(aroundChinese, ' ').split(/[\s"“”„«»()[\],;:!]+/)
  const kept = words.filter((word) => word !== '' && !around.has(normalise(word).text.replace(/\.$/, '')))
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
