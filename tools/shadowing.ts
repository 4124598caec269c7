import { normalise, skeleton } from '../models/local/detect/index.ts'
import type { Definition } from './definitions.ts'
import { placesOf, type Suspicion, suspicionsIn } from './suspicion.ts'

/** The tools that one server lists. */
export interface Listed {
  readonly server: string
  readonly tools: readonly Definition[]
}

/** Gives the suspicion that a tool raises by itself or beside the other servers' tools. */
export type SuspicionIn = (server: string, tool: Definition) => Suspicion | undefined

/** Takes what all servers list, because a text can be an attack on a tool that only another server has. */
export function suspicionAmong(all: readonly Listed[]): SuspicionIn {
  const owners = new Map<string, Set<string>>()
  const bySkeleton = new Map<string, Map<string, Set<string>>>()
  for (const { server, tools } of all) {
    for (const tool of tools) {
      const name = String(tool['name']).toLowerCase()
      owners.set(name, (owners.get(name) ?? new Set()).add(server))
      const alike = bySkeleton.get(looksOf(tool)) ?? new Map<string, Set<string>>()
      alike.set(name, (alike.get(name) ?? new Set()).add(server))
      bySkeleton.set(looksOf(tool), alike)
    }
  }

  const alone = new Map(all.map(({ server, tools }) => [server, suspicionsIn(tools)]))

  return (server, tool) => {
    const own = alone.get(server)?.(tool)
    if (own) return own
    const imitated = imitatedBy(server, tool)
    if (imitated !== undefined) return { reason: `its name is hard to tell from a tool of server "${imitated}"` }
    const steered = mentionsOf(tool).find(
      (name) => [...(owners.get(name) ?? [])].some((owner) => owner !== server) && !owners.get(name)?.has(server),
    )
    if (steered === undefined) return undefined
    const [owner] = [...(owners.get(steered) ?? [])].sort()
    return { reason: `its text tells the model when to use or to avoid a tool of server "${owner}"` }
  }

  /** The server whose tool it passes for. Only the one that has to be changed to look like the other is the imitation. */
  function imitatedBy(server: string, tool: Definition): string | undefined {
    const name = String(tool['name']).toLowerCase()
    const looks = looksOf(tool)
    if (name === looks) return undefined
    for (const [other, servers] of bySkeleton.get(looks) ?? []) {
      const owner = [...servers].sort().find((one) => one !== server)
      if (other !== name && owner !== undefined) return owner
    }
    return undefined
  }
}

/** What a tool is called like, and what it speaks of, to be kept. */
export interface Names {
  readonly looks: string
  readonly mentions: readonly string[]
}

export function namesOf(tool: Definition): Names {
  return { looks: looksOf(tool), mentions: mentionsOf(tool) }
}

/** Takes up the names of this very content. */
export function knowNames(tool: Definition, names: Names): void {
  looks.set(tool, names.looks)
  mentions.set(tool, names.mentions)
}

const longestName = 200
const looks = new WeakMap<Definition, string>()

function looksOf(tool: Definition): string {
  const made = looks.get(tool) ?? skeleton(String(tool['name']).slice(0, longestName))
  looks.set(tool, made)
  return made
}

const mentions = new WeakMap<Definition, readonly string[]>()

const steering =
  /\b(?:instead of|rather than|in place of|(?:do not|don't|never|not|stop|avoid) (?:use|using|call|calling|trust)|before (?:using|calling|invoking|running)|after (?:using|calling|invoking|running)|when(?:ever)? (?:using|calling|invoking|you (?:use|call))|every time|each time|must (?:first )?(?:call|use)|replaces|redirect|deprecated|broken|unsafe|insecure|compromised|no longer works)\b/
const sentences = /(?:[^.!?;\n]|[.!?;](?!\s))+/g
const identifier = /[\p{L}\p{N}]+(?:[._/-][\p{L}\p{N}]+)*/gu

/**
 * Names that stand in a sentence which tells the reader to use or avoid something.
 *
 * A name of several words counts wherever it stands; one of a single word only in quotes or before "tool", since most are everyday words.
 */
function mentionsOf(tool: Definition): readonly string[] {
  const known = mentions.get(tool)
  if (known) return known
  const found = new Set<string>()
  for (const { text, isName } of placesOf(tool).places) {
    if (isName === true) continue
    const normalised = normalise(text)
    for (const { index: from, 0: sentence } of normalised.text.matchAll(sentences)) {
      if (!steering.test(sentence)) continue
      for (const { index, 0: word } of sentence.matchAll(identifier)) {
        const { start, end } = normalised.toOriginal({ start: from + index, end: from + index + word.length })
        const isCompound = /[._/-]|[a-z][A-Z]/.test(text.slice(start, end))
        const isQuoted = /["'`]/.test(sentence[index - 1] ?? '')
        if (isCompound || isQuoted || /^["'`]? (?:tool|function)\b/.test(sentence.slice(index + word.length, index + word.length + 12)))
          found.add(word)
      }
    }
  }
  const made = [...found]
  mentions.set(tool, made)
  return made
}
