import { domainToUnicode } from 'node:url'
import { parse } from 'tldts'
import { skeleton } from '../../../models/local/detect/index.ts'
import type { Finding, Verdict } from './verdict.ts'

export interface AddressInput {
  /** Where the action goes. */
  readonly url: string
  /** Sites, `*.example.com`, hosts or whole origins that the policy allows. Without any, all are, but for what looks wrong. */
  readonly allowed?: readonly string[] | undefined
  /** What the person has asked for: sites that it names are meant. */
  readonly task?: string | undefined
  /** The address of the newest frame. */
  readonly from?: string | undefined
}

export interface PageInput {
  /** Where the browser is. */
  readonly url: string
  readonly allowed?: readonly string[] | undefined
  /** Where it was when the action was decided on, or where the navigation before it was meant to go. */
  readonly expected?: string | undefined
  readonly task?: string | undefined
}

/** Whether an address may be gone to. A relative one is taken from the frame's. */
export function checkAddress({ url, allowed = [], task = '', from }: AddressInput): readonly Finding[] {
  const target = parseUrl(url, from)
  if (target === undefined) return [finding('deny', 'bad-address', 'the address cannot be read as one')]
  if (target.href === 'about:blank') return []
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    return [finding('deny', 'scheme', `only http and https are gone to, and this is ${shown(target.protocol)}`)]
  }
  const listed = allowed.length > 0 && isAllowed(target, allowed)
  const near = from === undefined ? undefined : parseUrl(from)
  const isHere = near !== undefined && near.origin === target.origin
  const named = sitesIn(task)
  const found = [...formOf(target, listed || isHere || named.some((one) => one === siteOf(target)))]
  if (allowed.length > 0 && !listed)
    found.push(finding('deny', 'foreign-domain', `${shown(target.host)} is none of the sites that the policy allows`))
  if (listed) return found

  const site = siteOf(target)
  const known = [...named, ...allowed.map(siteOfEntry), ...(near === undefined ? [] : [siteOf(near)])]
  if (known.includes(site)) return found
  const like = known.find((one) => looksLike(target.hostname, site, one))
  if (like !== undefined)
    found.push(finding('deny', 'look-alike', `${shown(target.host)} is easily taken for ${shown(like)}, and is another site`))
  else if (named.length > 0 && allowed.length === 0) {
    found.push(finding('confirm', 'foreign-domain', `${shown(site)} is not named in the task, which names ${named.map(shown).join(', ')}`))
  }
  return found
}

/** Whether the page that an action lands on is the one it was meant for. */
export function checkPage({ url, allowed = [], expected, task = '' }: PageInput): readonly Finding[] {
  const here = parseUrl(url)
  if (here === undefined || here.href === 'about:blank') return []
  const meant = expected === undefined ? undefined : parseUrl(expected)
  const found = [...checkAddress({ url, allowed, from: expected, task: allowed.length > 0 ? '' : task })].filter(
    ({ code }) => code !== 'foreign-domain' || allowed.length > 0,
  )
  if (meant !== undefined && siteOf(meant) !== siteOf(here)) {
    found.push(
      finding(
        'reobserve',
        'redirected',
        `the browser is at ${shown(here.host || here.protocol)}, and the action was meant for ${shown(meant.host)}`,
      ),
    )
  }
  return found
}

/** What counts as one site: the registrable domain, or host and port where there is none. */
export function siteOf(url: URL | string): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : url
  if (parsed === undefined) return ''
  const { domain, isIp } = parse(parsed.hostname, { allowPrivateDomains: true })
  return isIp || domain === null ? parsed.host : domain
}

function formOf(target: URL, isKnown: boolean): Finding[] {
  const found: Finding[] = []
  const { hostname } = target
  if (target.username !== '' || target.password !== '') {
    found.push(finding('deny', 'userinfo', 'the address carries a name or a password before the host, which hides where it goes'))
  }
  const address = hostname.replace(/^\[|\]$/g, '')
  if (/^(?:169\.254\.|fe80:|fd00:ec2)/i.test(address) || /^metadata\.google\.internal$/i.test(address)) {
    found.push(finding('deny', 'metadata-address', 'the address belongs to the machine itself, where clouds keep credentials'))
  } else if (!isKnown && isPrivate(address)) {
    found.push(finding('confirm', 'private-address', `${shown(hostname)} is on this machine or in its own network`))
  } else if (!isKnown && parse(hostname).isIp === true) {
    found.push(finding('confirm', 'ip-address', `${shown(hostname)} is a number in the place of a name`))
  }
  if (!isKnown && target.port !== '' && !found.some(({ code }) => code === 'private-address')) {
    found.push(finding('confirm', 'unusual-port', `port ${target.port} is not one that sites are visited at`))
  }
  if (/(?:^|\.)xn--/i.test(hostname)) {
    const readable = domainToUnicode(hostname)
    if (readable.split('.').some(mixesScripts))
      found.push(finding('deny', 'mixed-script', `${shown(hostname)} mixes letters of several scripts in one word`))
    else if (!isKnown && readable.split('.').some(isWhollyAlike)) {
      found.push(finding('confirm', 'punycode', `${shown(hostname)} is written in letters that look like Latin ones`))
    }
  }
  return found
}

const scripts = [
  /\p{sc=Latin}/u,
  /\p{sc=Cyrillic}/u,
  /\p{sc=Greek}/u,
  /\p{sc=Armenian}/u,
  /\p{sc=Cherokee}/u,
  /\p{sc=Hebrew}/u,
  /\p{sc=Arabic}/u,
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u,
]

/** Latin beside Chinese, Japanese or Korean is common; Latin beside Cyrillic is not. */
function mixesScripts(label: string): boolean {
  const present = scripts.filter((script) => script.test(label))
  return (
    present.length > 1 && !(present.length === 2 && present.includes(scripts[0] as RegExp) && present.includes(scripts.at(-1) as RegExp))
  )
}

function isWhollyAlike(label: string): boolean {
  return /[^\p{ASCII}]/u.test(label) && /^[a-z0-9-]+$/.test(skeleton(label)) && !/\p{sc=Latin}/u.test(label)
}

function isPrivate(address: string): boolean {
  return (
    /^(?:localhost|.*\.localhost|.*\.local|.*\.internal|.*\.lan|.*\.home\.arpa)$/i.test(address) ||
    /^(?:0\.|10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address) ||
    /^(?:::1?|f[cd][0-9a-f]{2}:.*|::ffff:.*)$/i.test(address)
  )
}

function isAllowed(target: URL, allowed: readonly string[]): boolean {
  return allowed.some((entry) => {
    if (entry.includes('://')) return parseUrl(entry)?.origin === target.origin
    if (entry.includes(':')) return entry.toLowerCase() === target.host
    const host = asciiHost(entry.replace(/^\*\./, ''))
    if (host === '' || parse(host).publicSuffix === host) return host !== '' && target.hostname === host
    const inside = target.hostname.endsWith(`.${host}`)
    return entry.startsWith('*.') ? inside : target.hostname === host || inside
  })
}

function siteOfEntry(entry: string): string {
  return siteOf(entry.includes('://') ? entry : `http://${entry.replace(/^\*\./, '')}`)
}

function asciiHost(host: string): string {
  return parseUrl(`http://${host}`)?.hostname ?? ''
}

/** Sites that a task names, as addresses or as bare names of hosts. */
function sitesIn(task: string): string[] {
  const written =
    task.match(/(?:https?:\/\/[^\s"'<>)\]]+)|(?<![@\p{L}\p{N}.-])(?:[\p{L}\p{N}-]+\.)+\p{L}{2,24}(?::\d{2,5})?(?![\p{L}\p{N}@])/giu) ?? []
  return [
    ...new Set(
      written.flatMap((one) => {
        const url = parseUrl(one.includes('://') ? one : `https://${one}`)
        if (url === undefined) return []
        const { isIcann, isIp, hostname } = parse(url.hostname)
        // "report.pdf" has the form of a host, and no registry knows it.
        return isIcann === true || isIp === true || hostname === 'localhost' || one.includes('://') ? [siteOf(url)] : []
      }),
    ),
  ]
}

/** Whether a host passes for a known site: in other letters, mistyped, or with the name put somewhere else in it. */
function looksLike(host: string, site: string, known: string): boolean {
  const name = nameOf(known)
  const given = nameOf(site)
  if (name === undefined || given === undefined || name.length < 4) return false
  const plain = (text: string) =>
    skeleton(domainToUnicode(text) || text)
      .replaceAll('rn', 'm')
      .replaceAll('vv', 'w')
      .replaceAll('cl', 'd')
      .replaceAll('5', 's')
      .replaceAll('3', 'e')
  if (given !== name && plain(given) === plain(name)) return true
  if (given !== name && distance(plain(given), plain(name)) <= (name.length >= 9 ? 2 : 1) && name.length >= 5) return true
  const parts = plain(host).split(/[.-]/)
  return given !== name && name.length >= 5 && (parts.includes(plain(name)) || plain(host).includes(plain(known)))
}

function nameOf(site: string): string | undefined {
  const { domainWithoutSuffix } = parse(site, { allowPrivateDomains: true })
  return domainWithoutSuffix === null || domainWithoutSuffix === '' ? undefined : domainWithoutSuffix
}

/** Edits from one to the other, two neighbours changing places being one. */
function distance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3
  let [before, last]: [number[], number[]] = [[], Array.from({ length: right.length + 1 }, (_, index) => index)]
  for (let row = 1; row <= left.length; row += 1) {
    const next = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let least = Math.min((last[column] as number) + 1, (next[column - 1] as number) + 1, (last[column - 1] as number) + (same ? 0 : 1))
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        least = Math.min(least, (before[column - 2] as number) + 1)
      next.push(least)
    }
    ;[before, last] = [last, next]
  }
  return last[right.length] as number
}

function parseUrl(url: string, base?: string): URL | undefined {
  return (
    URL.parse(url, base) ??
    (/^[\p{L}\d-]+(?:\.[\p{L}\d-]+)+(?:[:/].*)?$/u.test(url) ? (URL.parse(`https://${url}`) ?? undefined) : undefined)
  )
}

function finding(verdict: Verdict, code: string, reason: string): Finding {
  return { layer: 'domain', verdict, code, reason }
}

/** A host comes from a page: only what a host can hold is repeated, and not more than a line of it. */
function shown(text: string): string {
  return text.replace(/[^\p{L}\p{N}.:[\]_-]/gu, '').slice(0, 80)
}
