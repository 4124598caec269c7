import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findHidden, findInjection, findSecrets } from '../models/local/detect/index.ts'
import type { Definition } from '../tools/definitions.ts'
import { suspicionAmong } from '../tools/shadowing.ts'
import { publishedTools } from './tool-search/published.ts'

/*
 * What the text detectors find and what they hold back without cause, on our own definitions and on open data.
 *
 * "tuning" was read while the wordings were chosen; "gate" was not, but has the same author, so that its recall is an upper bound. The
 * definitions of LiveMCPBench were looked at: one wording was narrowed on them. Of the other open data only the jailbreaks were
 * read, one template of them.
 */
const folder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
/** The limits of `tools/suspicion.ts`, for texts that are no definitions. */
const limits = { injection: 0.6, hidden: 0.5 }

type Row = Record<string, unknown>

console.log('Text detectors\n')
row('texts', 'n', 'held', 'rate')
ownDefinitions()
await publishedServers()
if (existsSync(join(folder, 'livemcpbench'))) openData()
else
  console.log(
    `\nNo open data in ${folder}: set SIGNALBOX_DATA to the folder that holds livemcpbench, metatool, clinc150, banking77 and presidio-pii.`,
  )

function ownDefinitions(): void {
  const rows = linesOf(fileURLToPath(new URL('../test/fixtures/suspicious-definitions.jsonl', import.meta.url)))
  for (const part of ['tuning', 'gate'])
    for (const kind of ['order', 'hidden', 'paraphrase', 'benign']) {
      const some = rows.filter((one) => one['part'] === part && one['kind'] === kind)
      if (some.length > 0)
        definitions(`own, ${part}: ${kind}`, [{ server: 'own', tools: some.map((one) => one['definition'] as Definition) }])
    }
}

async function publishedServers(): Promise<void> {
  const tools = await publishedTools()
  row('benign: four published servers', tools.length, tools.filter(({ quarantined }) => quarantined !== undefined).length)
}

function openData(): void {
  const live = read('livemcpbench/tools.jsonl')
  const servers = Object.groupBy(live, (tool) => String(tool['server_id']))
  definitions(
    'benign: LiveMCPBench, hosted at once',
    Object.entries(servers).map(([server, tools = []]) => ({ server, tools })),
  )
  definitions('benign: MetaTool, tools', [{ server: 'metatool', tools: read('metatool/tools.jsonl') }])
  texts('benign: MetaTool, needs', textsOf(read('metatool/single_sample.jsonl'), 'query'))
  texts('benign: CLINC150', textsOf([...read('clinc150/train_20.jsonl'), ...read('clinc150/val.jsonl')], 'text'))
  texts('benign: BANKING77', textsOf([...read('banking77/train_20.jsonl'), ...read('banking77/test.jsonl')], 'text'))
  const attacks = read('jbb-artifacts/prompts.jsonl')
  for (const [method, some = []] of Object.entries(Object.groupBy(attacks, (one) => String(one['method']))))
    texts(`jailbreaks: ${method}`, textsOf(some, 'prompt'))
  texts('benign in form: harmful requests', textsOf(read('jbb-artifacts/goals.jsonl'), 'prompt'))
  personal()
}

/** Personal numbers by kind: those found of those labelled, and findings where nothing of the kind is labelled. */
function personal(): void {
  const kinds = { CREDIT_CARD: 'card', IBAN_CODE: 'iban', US_SSN: 'us-ssn', EMAIL_ADDRESS: 'email', IP_ADDRESS: 'ip-address' }
  const rows = [...read('presidio-pii/synth_v2_part.jsonl'), ...read('presidio-pii/generated_large_sample.jsonl')]
  console.log()
  row('personal data in Presidio', 'n', 'found', 'rate', 'false')
  const scanned = rows.map((one) => ({
    spans: one['spans'] as { type: string; start: number; end: number }[],
    findings: findSecrets(String(one['text'])).findings,
  }))
  for (const [label, kind] of Object.entries(kinds)) {
    let all = 0
    let found = 0
    let wrong = 0
    for (const { spans, findings } of scanned) {
      const labelled = spans.filter(({ type }) => type === label)
      const own = findings.filter((finding) => finding.kind === kind)
      const meets = (a: { start: number; end: number }, b: { start: number; end: number }) => a.start < b.end && b.start < a.end
      all += labelled.length
      found += labelled.filter((span) => own.some((finding) => meets(finding, span))).length
      wrong += own.filter((finding) => !labelled.some((span) => meets(finding, span))).length
    }
    row(kind, all, found, undefined, String(wrong))
  }
  const secrets = scanned.flatMap(({ findings }) => findings).filter(({ group }) => group === 'secret').length
  row('keys and tokens (none is there)', rows.length, secrets)
}

function definitions(title: string, servers: readonly { server: string; tools: readonly Definition[] }[]): void {
  const suspicion = suspicionAmong(servers)
  const all = servers.flatMap(({ server, tools }) => tools.map((tool) => suspicion(server, tool)))
  row(title, all.length, all.filter((one) => one !== undefined).length)
}

function texts(title: string, all: readonly string[]): void {
  const held = all.filter(
    (text) => findInjection(text).score >= limits.injection || findHidden(text).findings.some(({ weight }) => weight >= limits.hidden),
  )
  row(title, all.length, held.length)
}

function row(title: string, all: number | string, found: number | string, rate?: string, more = ''): void {
  const share = rate ?? (typeof all === 'number' && typeof found === 'number' ? `${((100 * found) / all).toFixed(2)} %` : '')
  console.log(`${title.padEnd(40)}${String(all).padStart(8)}${String(found).padStart(8)}${share.padStart(11)}${more.padStart(8)}`)
}

function textsOf(rows: readonly Row[], key: string): string[] {
  return rows.map((one) => String(one[key]))
}

function read(file: string): Row[] {
  return linesOf(join(folder, file))
}

function linesOf(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}
