const dayMs = 86_400_000

const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** The words themselves, and the days before today on which they begin and end. */
const spans: readonly { said: RegExp; from: number; to: number }[] = [
  { said: /\btoday\b/i, from: 0, to: 0 },
  { said: /\byesterday\b/i, from: 1, to: 1 },
  { said: /\bthis week\b/i, from: 7, to: 0 },
  { said: /\blast week\b/i, from: 14, to: 5 },
  { said: /\blast month\b/i, from: 62, to: 28 },
]

/** Words of other meanings, too, which are months only behind one of these. */
const doubtful = ['march', 'may']
const month = new RegExp(
  `\\b(?:in|during|since|of|last|early|late|mid) (${doubtful.join('|')})\\b|\\b(${months.filter((name) => !doubtful.includes(name)).join('|')})\\b`,
  'gi',
)

/**
 * The time that a query names ("last Tuesday", "in May", "in 2024"), as a test of a moment; `undefined` when it names none. Days are
 * those of UTC with half a day on each side, since nobody says where they were.
 */
export function timeIn(query: string, now: number): ((at: number) => boolean) | undefined {
  const today = Math.floor(now / dayMs)
  const tests: ((at: number) => boolean)[] = []
  const within = (from: number, to: number) => (at: number) => at >= (from - 0.5) * dayMs && at < (to + 1.5) * dayMs

  for (const { said, from, to } of spans) if (said.test(query)) tests.push(within(today - from, today - to))
  const ago = /\b(\d{1,3}) (day|week|month)s? ago\b/i.exec(query)
  if (ago !== null) {
    const unit = { day: 1, week: 7, month: 30.4 }[(ago[2] as string).toLowerCase() as 'day' | 'week' | 'month']
    const center = today - Number(ago[1]) * unit
    tests.push(within(center - unit / 2, center + unit / 2))
  }
  const weekday = new RegExp(`\\b(?:last|on) (${weekdays.join('|')})\\b`, 'i').exec(query)
  if (weekday !== null) {
    const back = (new Date(now).getUTCDay() - weekdays.indexOf((weekday[1] as string).toLowerCase()) + 7) % 7 || 7
    tests.push(within(today - back, today - back))
  }

  const named = [...query.matchAll(month)].map((match) => months.indexOf((match[1] ?? match[2] ?? '').toLowerCase()))
  const years = [...query.matchAll(/\b(?:19|20)\d\d\b/g)].map(Number)
  if (named.length > 0) {
    tests.push((at) => named.includes(new Date(at).getUTCMonth()) && (years.length === 0 || years.includes(new Date(at).getUTCFullYear())))
  } else if (years.length > 0) {
    tests.push((at) => years.includes(new Date(at).getUTCFullYear()))
  }
  return tests.length === 0 ? undefined : (at) => tests.some((test) => test(at))
}
