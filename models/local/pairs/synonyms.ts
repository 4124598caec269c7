import { stemOf } from './stem.ts'

/*
 * What may be said in other words without asking something else, written down for this project. Two words that do not stand together
 * here count as two things: a question is rather asked again than answered with another one's answer.
 */

const list = (text: string) => text.trim().split(/\s+/)

/** They say nothing by themselves; what those among them say that a guard looks at, it reads by itself. */
export const stopWords: ReadonlySet<string> = new Set(
  list(`
    a an the of in on at for to with by as from into onto about and or is are was were be been being am it its this that these those can could may might will would
    should shall must do does did done doing i me we us you what which who whom whose when where why how if then than so such there here have has had having
    not no my your our their any some many much re ve ll m d s t let via per also very too please kindly hi hello hey thanks thank ok okay
  `),
)

/** They say how something is asked, and not what. */
export const lightWords: ReadonlySet<string> = new Set(
  list(`
    way ways method methods step steps example examples explanation tip tips advice suggestion suggestions detail details info information thing things
    just simply properly correctly exactly actually really basically possibly someone somebody anyone anybody everyone everybody one ones people person mean means meaning
  `),
)

/** Each line asks for the same. */
const groups = `
  buy purchase
  car automobile
  movie film
  quick fast rapid speedy quickly rapidly
  quicker faster
  quickest fastest
  far distance
  easy simple easily simply
  doctor physician
  lawyer attorney
  begin start commence
  remove delete erase
  fix repair mend solve resolve troubleshoot
  error mistake
  photo picture photograph
  job occupation
  cost price costs
  big large huge
  small little tiny
  kid child children kids
  phone telephone cellphone smartphone
  trip journey
  money cash
  improve enhance
  create make
  company firm corporation
  benefit advantage
  drawback disadvantage
  difference distinction differ different
  modify alter change
  find discover locate
  choose select pick
  show display
  stop quit cease
  purpose objective goal
  important significant crucial essential
  holiday vacation
  tv television
  dad father
  mom mother mum
  happen occur
  end finish
  require need
  work operate
  rich wealthy
  clever smart intelligent
  hard difficult tough
  answer reply respond
  close shut
  speak talk
  get obtain receive acquire
  register signup enrol enroll
  login signin
  refund reimburse reimbursement
  store shop
  biggest largest
  smallest tiniest
  illness disease sickness
  medicine medication
  author writer
  invent inventor
  found founder
  population inhabitants
  height tall
  width wide
  depth deep
  length long
  weigh weight
  daily everyday
  yearly annually annual
  convert transform
  calculate compute
  compare comparison versus vs
  install setup
  folder directory
  bug defect
  run execute
  check verify
  plane airplane aircraft aeroplane
  bike bicycle
  sofa couch
  garbage trash rubbish
  luggage baggage
  pupil student
  salary wage
  boss manager
  coworker colleague
  capital capitals
  usa american america
  uk british britain
`

const meanings = new Map<string, string>()
for (const line of groups.trim().split('\n')) {
  const [first = '', ...others] = list(line)
  for (const word of [first, ...others]) for (const form of [word, stemOf(word)]) if (!meanings.has(form)) meanings.set(form, first)
}

/** The first of a word's synonyms, or its stem. */
export function meaningOf(word: string, stem: string): string {
  return meanings.get(word) ?? meanings.get(stem) ?? stem
}
