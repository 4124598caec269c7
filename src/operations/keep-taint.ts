import { isDeepStrictEqual } from 'node:util'
import type { Message } from '../../models/message.ts'
import { joinTaint, noTaint, type Taint } from '../../models/taint.ts'
import type { HostedTool } from '../../tools/tool.ts'
import type { AskInput } from './ask-input.ts'
import type { Services } from './services.ts'
import { keepIfPossible } from './without-memory.ts'

/** Keeps account of what comes into one piece of work, and of the thread that it belongs to. */
export interface TaintKeeper {
  now(): Taint
  /** Counts at once, and is stored before it resolves. @returns What to warn of. */
  add(taint: Taint): Promise<string[]>
}

/** `brought` came with the request. Without a thread the account ends with the work. */
export async function keepTaint(services: Services, principal: string, thread: string | undefined, brought: Taint): Promise<TaintKeeper> {
  const stored = thread === undefined ? undefined : (await services.threads.get(principal, thread))?.taint
  let current = stored ?? noTaint
  const keeper: TaintKeeper = {
    now: () => current,
    async add(taint) {
      const joined = joinTaint(current, taint)
      if (isDeepStrictEqual(joined, current)) return []
      current = joined
      if (thread === undefined) return []
      return keepIfPossible(services, 'what has come into the thread', () => services.threads.taint(principal, thread, joined))
    },
  }
  await keeper.add(brought)
  return keeper
}

/** What a call may do before anything of it has come back. */
export function taintOfCalling({ staysInside }: HostedTool): Taint {
  return { ...noTaint, canSend: staysInside !== true }
}

/** What a result brings in that gives orders to the model. */
export const injectedTaint: Taint = { ...noTaint, injectedRead: true }

/** What a tool's result brings in. */
export function taintOfResult({ staysInside, readsPrivate }: HostedTool): Taint {
  return { ...noTaint, untrustedRead: staysInside !== true, privateRead: readsPrivate === true }
}

/** What a request brings along: files and local images are its caller's own, results and screens were said by others. */
export function taintOfRequest({ files = [], images = [] }: Pick<AskInput, 'files' | 'images'>, messages: readonly Message[]): Taint {
  const isPath = (source: string) => !/^(data|https?|signalbox):/i.test(source)
  return {
    untrustedRead:
      images.some((source) => source.startsWith('signalbox://frame/')) ||
      messages.some(({ content }) => content.some((part) => part.type === 'tool-result')),
    privateRead: files.length > 0 || images.some(isPath),
    canSend: false,
  }
}
