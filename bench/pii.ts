import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPii, findSecrets, type PiiType } from '../models/local/detect/index.ts'
import { isForTraining, type PresidioRow } from '../scripts/names/presidio.ts'

/*
 * What is found of personal data in presidio-pii, on templates that the model for names was not trained on, beside regular expressions and
 * checksums alone; how often texts in which nobody stands are held to have somebody; and what it costs.
 *
 * A span counts as found when a finding of its type overlaps it, a finding as wrong when no span of its type overlaps it. F2 counts a miss
 * four times as much as a wrong finding.
 */
const folder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))

const labels: Readonly<Record<string, PiiType>> = {
  EMAIL_ADDRESS: 'email',
  CREDIT_CARD: 'card',
  IBAN_CODE: 'iban',
  US_SSN: 'us_ssn',
  IP_ADDRESS: 'ip_address',
  US_DRIVER_LICENSE: 'driver_license',
  PHONE_NUMBER: 'phone',
  PERSON: 'person',
  STREET_ADDRESS: 'address',
  ADDRESS: 'address',
  GPE: 'place',
  LOCATION: 'place',
}
const formed: readonly PiiType[] = ['email', 'card', 'iban', 'us_ssn', 'ip_address', 'driver_license', 'phone']
const guessed: readonly PiiType[] = ['person', 'address', 'place']

interface Found {
  readonly type: string
  readonly start: number
  readonly end: number
}
type Finder = (text: string) => readonly Found[]

const asJson = process.argv.includes('--json')
const results: Record<string, unknown>[] = []

if (!existsSync(join(folder, 'presidio-pii'))) {
  console.log(`No open data in ${folder}: set SIGNALBOX_DATA to the folder that holds presidio-pii, clinc150, banking77 and metatool.`)
} else {
  const rows = ['synth_v2_part', 'generated_large_sample'].flatMap((name) => read<PresidioRow>(`presidio-pii/${name}.jsonl`))
  const held = rows.filter((row) => !isForTraining(row))
  // No form needs training: these are measured on all rows as well, since few of them stand in the half that is held out.
  table('formed types, all rows', rows, formed)
  table('formed types, held-out templates', held, formed)
  table('names, addresses and places, held-out templates', held, guessed)
  falseAlarms(
    'rows without a person, an address or a place',
    rows.filter((row) => !isForTraining(row) && !row.spans.some(({ type }) => labels[type] !== undefined)).map(({ text }) => text),
  )
  falseAlarms(
    'CLINC150',
    read<{ text: string }>('clinc150/val.jsonl').map(({ text }) => text),
  )
  falseAlarms(
    'BANKING77',
    read<{ text: string }>('banking77/test.jsonl').map(({ text }) => text),
  )
  times(rows.map(({ text }) => text))
  if (asJson) console.log(JSON.stringify(results))
}

function read<Row>(path: string): Row[] {
  return readFileSync(join(folder, path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

function ours(text: string): readonly Found[] {
  return findPii(text).findings
}

/** Regular expressions and checksums of `findSecrets`, which were there before. */
function plain(text: string): readonly Found[] {
  return findSecrets(text).findings.map(({ kind, start, end }) => ({ type: kind.replace('-', '_'), start, end }))
}

function table(what: string, rows: readonly PresidioRow[], types: readonly PiiType[]): void {
  say(`\n${what} (${rows.length} rows)`)
  say(line('type', 'spans', 'precision', 'recall', 'F2', 'before: F2'))
  const sums = { ours: counts(), plain: counts() }
  for (const type of types) {
    const own = measure(rows, type, ours)
    const before = measure(rows, type, plain)
    for (const key of ['found', 'missed', 'wrong'] as const) {
      sums.ours[key] += own[key]
      sums.plain[key] += before[key]
    }
    print(what, type, own, before)
  }
  print(what, 'all', sums.ours, sums.plain)
}

function counts() {
  return { found: 0, missed: 0, wrong: 0 }
}

type Counts = ReturnType<typeof counts>

function measure(rows: readonly PresidioRow[], type: PiiType, find: Finder): Counts {
  const sum = counts()
  for (const { text, spans } of rows) {
    const wanted = spans.filter((span) => labels[span.type] === type)
    const found = find(text).filter((one) => one.type === type)
    const meet = (a: { start: number; end: number }, b: { start: number; end: number }) => a.start < b.end && b.start < a.end
    for (const span of wanted) sum[found.some((one) => meet(one, span)) ? 'found' : 'missed'] += 1
    sum.wrong += found.filter((one) => !wanted.some((span) => meet(one, span))).length
  }
  return sum
}

function print(what: string, type: string, own: Counts, before: Counts): void {
  const precision = own.found / (own.found + own.wrong)
  const recall = own.found / (own.found + own.missed)
  results.push({ what, type, spans: own.found + own.missed, precision, recall, f2: f2(own), before: f2(before) })
  say(line(type, own.found + own.missed, figure(precision), figure(recall), figure(f2(own)), figure(f2(before))))
}

function f2({ found, missed, wrong }: Counts): number {
  return (5 * found) / (5 * found + 4 * missed + wrong)
}

/** Texts in which somebody is found; the sets hold a few people and places, which nobody has labelled. */
function falseAlarms(what: string, texts: readonly string[]): void {
  const types: readonly PiiType[] = ['person', 'address', 'phone', 'national_id', 'bank_account']
  const rates = types.map(
    (type) => [type, texts.filter((text) => ours(text).some((one) => one.type === type)).length / texts.length] as const,
  )
  results.push({ what: `flagged: ${what}`, texts: texts.length, ...Object.fromEntries(rates) })
  say(`\nflagged of ${texts.length} texts of ${what}: ${rates.map(([type, rate]) => `${type} ${figure(rate)}`).join(', ')}`)
}

function times(texts: readonly string[]): void {
  for (const characters of [2000, 32_000]) {
    const text = texts.join('\n').slice(0, characters)
    const taken = Array.from({ length: 40 }, () => {
      const from = performance.now()
      findPii(text)
      return performance.now() - from
    })
    const p50 = taken.toSorted((a, b) => a - b)[20] ?? 0
    results.push({ what: 'time', characters, p50 })
    say(`\n${characters} characters, about ${characters / 4} tokens: p50 ${p50.toFixed(1)} ms`)
  }
}

function say(text: string): void {
  if (!asJson) console.log(text)
}

function line(...cells: (string | number)[]): string {
  return cells.map((cell, index) => (index === 0 ? String(cell).padEnd(16) : String(cell).padStart(11))).join('')
}

function figure(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(3)
}
