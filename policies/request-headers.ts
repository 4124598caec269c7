import { z } from 'zod'

/** Headers that a rule sets of the request to a provider: `anthropic-beta`, or what a proxy in front of a model wants to know. */

const most = 16
const longestValue = 1024

/** What each group of names is for, and why a policy has no say in it. */
const refusals: readonly { readonly names: RegExp; readonly because: string }[] = [
  {
    names: /(?:^|[-_.])(?:authorization|authenticat(?:e|ion)|api-?key|key|token|secrets?|password|credentials?|signature)$/,
    because: 'carries a credential, which belongs to the provider in the configuration',
  },
  { names: /^(?:set-)?cookie2?$/, because: 'carries cookies, which are credentials' },
  {
    names: /^(?:openai-(?:organization|project)|origin|referer|forwarded|via|x-forwarded-.*|x-real-ip|sec-.*)$/,
    because: 'says who asks, which the provider in the configuration says',
  },
  {
    names: /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host)$/,
    because: 'belongs to the connection',
  },
  { names: /^(?:content-.*|accept|accept-encoding)$/, because: 'says how the body is read' },
  { names: /^x-signalbox-.*$/, because: 'is a word of Signalbox to its callers' },
]

export const requestHeadersSchema = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const names = Object.keys(headers)
  const report = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', message, path })
  if (names.length === 0 || names.length > most) report(`must be 1 to ${most} headers, received ${names.length}`)
  for (const name of names) {
    const refusal = refusalOf(name) ?? refusalOfValue(headers[name] ?? '')
    if (refusal !== undefined) report(refusal, [name])
  }
})

function refusalOf(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) return 'a header is named in lower case, such as x-team'
  const refused = refusals.find(({ names }) => names.test(name))
  return refused && `a policy cannot set this header: it ${refused.because}`
}

function refusalOfValue(value: string): string | undefined {
  if (/\$\{/.test(value)) return 'takes no variable of the environment: what a rule sets is shown in plans'
  if (value.length > longestValue || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
    return `must be 1 to ${longestValue} printable ASCII characters, without spaces at its ends`
  return undefined
}

/** Headers that are lists of features: a client's own stay beside those of the policy. */
const lists: ReadonlySet<string> = new Set(['anthropic-beta', 'openai-beta'])

/** A client's headers, named in lower case, with those of the policy: its value stands in the place of the client's, but for lists, which are joined. */
export function withPolicyHeaders(
  given: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  if (set === undefined) return given
  const merged = { ...given }
  for (const [name, value] of Object.entries(set)) {
    const before = lists.has(name) ? entriesOf(given[name] ?? '') : []
    merged[name] = before.length === 0 ? value : [...new Set([...before, ...entriesOf(value)])].join(',')
  }
  return merged
}

function entriesOf(list: string): string[] {
  return list.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]))
}
