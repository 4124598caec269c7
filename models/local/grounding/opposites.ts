import type { Facts } from '../pairs/differences.ts'
import { stemOf } from '../pairs/stem.ts'
import type { Word } from '../pairs/words.ts'

/** Words that turn a sentence into its opposite, written down for this project: each line has two sides. */
const lines = `
  increase rise rose grew grow up gain climb | decrease fall fell shrink shrank down drop lose decline
  more greater higher above over exceed | less fewer lower below under
  most highest largest longest tallest biggest maximum best | least lowest smallest shortest minimum worst
  before earlier prior | after later following
  first start begin began open opening | last end finish close closing
  accept approve allow permit support agree favour favor | reject refuse deny forbid prohibit against oppose decline object
  enable on activate add include included | disable off deactivate remove exclude excluded without
  succeed success pass passed win won | fail failure failed lose lost
  all every always everyone | none never nobody no
  possible can able | impossible cannot unable
  required must mandatory obligatory necessary | optional voluntary unnecessary
  same identical equal | different differ
  buy purchase import | sell export
  hot warm warmer | cold cool colder
  day morning | night evening
  north | south
  east | west
  left | right
  inside within indoor | outside abroad outdoor
  public | private
  local | remote
  free | paid
  online available | offline unavailable
  safe | dangerous unsafe
  rich | poor
  old older ancient | new newer young younger
  good | bad poor
  half | double twice
  input read receive | output write send
  arrive arrival | depart departure leave
  true yes | false no
  easy simple | hard difficult complex
  large big | small tiny
  fast quick | slow
  early | late
  positive | negative
  profit | loss
  income revenue | expense cost
  man male husband he his | woman female wife she her
  parent | child
  teacher | student
  tenant | landlord
  doctor | patient
  client | server
  stopped halted | running continued
  common frequent often | rare seldom
  full | empty
  dry | wet
  summer | winter
  upper upstairs top | lower downstairs bottom
  mutable | immutable
  encode | decode
  encoder | decoder
  load | save
  train training | test testing
`

const sides = new Map<string, { readonly line: number; readonly side: 0 | 1 }[]>()
for (const [line, text] of lines.trim().split('\n').entries()) {
  for (const [side, words] of text.split('|').entries()) {
    for (const word of words.trim().split(/\s+/)) {
      for (const form of new Set([word, stemOf(word)])) sides.set(form, [...(sides.get(form) ?? []), { line, side: side === 0 ? 0 : 1 }])
    }
  }
}

/** How many words of the claim have their opposite in the other text, and neither themselves nor a word of their side. */
export function oppositesOf(claim: Facts, other: readonly Word[]): number {
  const there = new Set(other.flatMap(({ text }) => sidesOf(text).map(({ line, side }) => `${line}/${side}`)))
  const found = claim.words.filter(({ text }) => {
    const own = sidesOf(text)
    return (
      own.length > 0 &&
      own.some(({ line, side }) => there.has(`${line}/${1 - side}`)) &&
      !own.some(({ line, side }) => there.has(`${line}/${side}`))
    )
  })
  return Math.min(2, found.length)
}

function sidesOf(word: string) {
  return sides.get(word) ?? sides.get(stemOf(word)) ?? []
}
