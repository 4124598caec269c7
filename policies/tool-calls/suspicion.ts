import { dot, type Embedder } from '../../models/embedder.ts'
import type { ToolEffect } from '../permission-conditions.ts'
import { pieceVectors } from '../signals/query-vector.ts'
import { shippedNetwork } from '../signals/safety/shipped-networks.ts'

/** A call of a tool beside what a person has asked for. */
export interface AskedCall {
  /** The person's own words, the newest last. */
  readonly asked: string
  readonly tool: { readonly name: string; readonly description: string; readonly effect: ToolEffect }
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface CallSuspicion {
  /** From where it counts as not asked for. */
  readonly threshold: number
  /** 0–1: that the person has not asked for this call. */
  readonly score: number
  /** What speaks against it, in words that go on from "because". */
  readonly reasons: readonly string[]
}

/** What is seen of a call, each 0–1. */
export interface CallFeatures {
  /** How like the request is to what the tool does, and to the values it is given. */
  readonly toolFit: number
  readonly valuesFit: number
  /** Its deed is of a kind that no word of the request asks for. */
  readonly unaskedDeed: number
  readonly writes: number
  readonly destroys: number
  /** An address, number or account that the person has not named. */
  readonly unnamedDestination: number
  /** A file, word or command that is about keys or about taking over a machine, and that the person has not named. */
  readonly secrets: number
  /** All, everybody, public, force: wider than the person said. */
  readonly wider: number
  /** The share of words in the values that stand in the request. */
  readonly namedWords: number
}

/** Of calls that were asked for and calls that were not, each is as likely there: see `bench safety` for how often that is wrong. */
export const suspicionThreshold = 0.5

/** Fitted by `scripts/train-tool-calls.ts`. */
const weights: Readonly<Record<keyof CallFeatures, number>> & { readonly offset: number } = {
  offset: -0.31,
  toolFit: -0.52,
  valuesFit: -2.76,
  unaskedDeed: 3.48,
  writes: 1.74,
  destroys: 1.02,
  unnamedDestination: 2.75,
  secrets: 1.21,
  wider: 0.99,
  namedWords: -2.7,
}

/**
 * How little a call follows from what the person asked for: by meaning, by the kind of deed, by whom it reaches, and by how far it goes.
 *
 * It raises suspicion and proves nothing: who asks to have a mail answered may mean to have it sent.
 *
 * @throws {Error} With another embedder than the weights were fitted on.
 */
export async function suspicionOf(call: AskedCall, embedder: Embedder, signal?: AbortSignal): Promise<CallSuspicion> {
  const known = (await shippedNetwork('messages')).network.embedder
  if (embedder.id !== known) throw new Error(`the weights are for vectors of ${known}, the embedder is ${embedder.id}`)
  const features = await featuresOf(call, embedder, signal)
  const sum = featureNames.reduce((total, name) => total + weights[name] * features[name], weights.offset)
  return { score: 1 / (1 + Math.exp(-sum)), threshold: suspicionThreshold, reasons: reasonsOf(features) }
}

export const featureNames = [
  'toolFit',
  'valuesFit',
  'unaskedDeed',
  'writes',
  'destroys',
  'unnamedDestination',
  'secrets',
  'wider',
  'namedWords',
] as const satisfies readonly (keyof CallFeatures)[]

const longestText = 600

export async function featuresOf(
  { asked, tool, arguments: args }: AskedCall,
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<CallFeatures> {
  const values = valuesIn(args)
  const valueText = values.join(' ').slice(0, 4000)
  const about = `${wordsOfName(tool.name)}. ${tool.description.slice(0, 200)}`
  const texts = [asked.slice(-longestText), about, ...(valueText.trim() === '' ? [] : [valueText.slice(0, longestText)])]
  const [request, deed, given] = (await pieceVectors(texts, embedder, { signal })) as [Float32Array, Float32Array, Float32Array?]
  const said = asked.toLowerCase()
  const words = [...new Set(valueText.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])]
  const isOn = (condition: boolean) => (condition ? 1 : 0)
  return {
    toolFit: Math.max(0, dot(request, deed)),
    valuesFit: given === undefined ? 0 : Math.max(0, dot(request, given)),
    unaskedDeed: isOn(!asksFor(said, deedOf(tool, valueText))),
    writes: isOn(tool.effect !== 'read'),
    destroys: isOn(tool.effect === 'destructive'),
    unnamedDestination: isOn(destinationsIn(valueText).some((one) => !said.includes(one))),
    secrets: isOn((valueText.match(secretWords) ?? []).some((word) => !said.includes(word.toLowerCase()))),
    wider: isOn((valueText.toLowerCase().match(wideWords) ?? []).some((word) => !said.includes(word))),
    namedWords: words.length === 0 ? 1 : words.filter((word) => said.includes(word)).length / words.length,
  }
}

function reasonsOf(features: CallFeatures): string[] {
  const said: readonly (readonly [boolean, string])[] = [
    [features.unaskedDeed === 1, 'the person asked for no such deed'],
    [features.unnamedDestination === 1, 'it goes to an address or account that the person has not named'],
    [features.secrets === 1, 'it is about keys or commands that the person has not named'],
    [features.wider === 1, 'it goes further than the person said'],
    [features.toolFit < 0.15, 'the tool does something else than the person asked for'],
  ]
  return said.flatMap(([holds, reason]) => (holds ? [reason] : []))
}

const deeds = {
  grant: /\b(?:grants?|permissions?|access|collaborators?|roles?|admin|unlock\w*|firewall|owner|shar\w+|invit\w+|gives? somebody)\b/,
  pay: /\b(?:pay\w*|transfers?|wire|buy|bought|orders?|purchas\w+|book|bookings?|refunds?|donat\w+|sign\w*|approv\w+|salary|subscrib\w+|contract|taxi)\b/,
  destroy:
    /\b(?:delet\w+|remov\w+|eras\w+|drop|clean|clear|cancel\w*|clos\w+|wip\w+|purg\w+|reset\w*|undo|uninstall\w*|rollback|roll back|goes back|restart\w*|dismiss\w*|unsubscribe|ends?|rm)\b/,
  send: /\b(?:send\w*|forward\w*|e?-?mail\w*|post\w*|publish\w*|blog|shar\w+|invit\w+|text|tell|messag\w+|tweet\w*|upload\w*|submit\w*|repl\w+|answer\w*|notify|export\w*|review|push\w*|pull request)\b/,
  change:
    /\b(?:creat\w+|add\w*|mak\w+|writ\w+|updat\w+|chang\w+|mov\w+|renam\w+|set\w*|turn|switch\w*|fix\w*|install\w*|edit\w*|sav\w+|stor\w+|generat\w+|draft\w*|resiz\w+|convert\w*|deploy\w*|run\w*|start\w*|play\w*|mark\w*|fill\w*|schedul\w+|remind\w*|remember\w*|plot|draw\w*|open\w*|check in|check-?in|backup|assign\w*|complet\w+|translat\w+|restart\w*|clean|lights?|call|take)\b/,
} as const
type Deed = keyof typeof deeds | 'read'

/** The gravest kind of deed that the tool's name and first words speak of. */
function deedOf({ name, description, effect }: AskedCall['tool'], values: string): Deed {
  if (effect === 'read') return 'read'
  const text = `${wordsOfName(name)} ${description.slice(0, 120)}`.toLowerCase()
  const own = (['grant', 'pay', 'destroy', 'send'] as const).find((deed) => deeds[deed].test(text))
  return own ?? (/\b(?:rm|drop|delete|truncate)\b/i.test(values) ? 'destroy' : 'change')
}

function asksFor(said: string, deed: Deed): boolean {
  if (deed === 'read') return true
  if (deed === 'change') return Object.values(deeds).some((words) => words.test(said))
  return deeds[deed].test(said)
}

/** Whom or what a call reaches: addresses, hosts, numbers and accounts. */
function destinationsIn(text: string): string[] {
  const found = text.match(
    /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:https?|s3|ftp|ssh|wss?):\/\/[^\s/"'?#]+|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b|\+\d[\d ()-]{6,}\d|\b(?:\d[ -]?){13,19}\b/g,
  )
  return (found ?? []).map((one) => one.toLowerCase())
}

const secretWords =
  /\b(?:password|passwd|passphrase|token|secrets?|api[_-]?key|private key|id_rsa|\.ssh|credentials?|vault|seed phrase|session|base64|crontab|sudo|authorized_keys|chmod|eval|passport)\b|\.env\b|\|\s*(?:sh|bash)\b|--registry|\brm -rf [~/]/gi

const wideWords = /\b(?:all|everyone|everybody|anyone|public|owner|admin|force|hard|production|prod|drop|grant|forever)\b|0\.0\.0\.0|\*/g

function valuesIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (value === null || typeof value !== 'object' || depth > 6) return []
  return Object.entries(value).flatMap(([key, one]) => (one === true ? [key] : valuesIn(one, depth + 1)))
}

function wordsOfName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.\-/]+/g, ' ')
    .toLowerCase()
}
