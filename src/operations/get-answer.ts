import { z } from 'zod'
import type { Caller } from '../caller.ts'
import { limitsOf } from './client-limits.ts'
import { type Found, type Page, pageOf } from './large-results.ts'
import { describeRun } from './long.ts'
import type { DoneResult, Operation } from './operation.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  handle: z.string().min(1).max(100),
  wait_s: z.number().min(0).max(45).default(30),
  offset: z.int().min(0).default(0),
  find: z.string().min(1).max(500).optional(),
  cancel: z.boolean().optional(),
})

const pageCharacters = 20_000

/** Fetches what a handle stands for: a running or finished call, or a large result page by page. */
export function createGetAnswer(services: Services): Operation {
  return {
    name: 'get_answer',
    title: 'Get the answer behind a handle',
    description: 'Waits for the answer of a handle, cancels it, or reads a large one from offset or from the first place that holds find.',
    input,
    // What a hosted tool answered may stand here as it came, so no field is promised.
    output: z.looseObject({}),
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run({ handle, wait_s, offset, find, cancel }: z.infer<typeof input>, context) {
      const { principal, client } = context.caller
      // A page stands in a result twice, and JSON makes it longer.
      const limit = Math.min(pageCharacters, Math.floor(limitsOf(services, client?.name).resultBytes / 4))
      if (handle.startsWith('re_')) {
        const page = await services.results.read(principal, handle, { offset, find, limit })
        if (page === undefined) return unknown(handle)
        if (cancel === true) return failure(`Cannot cancel ${handle}: it is a stored result, nothing runs behind it`)
        return paged(page, handle, { offset, find })
      }
      if (cancel === true) return cancelled(services, handle, context.caller)
      const settled = await services.runs.wait(handle, wait_s * 1000, context)
      if (settled === undefined) return unknown(handle)
      if (settled.kind !== 'done') return settled
      const { status = 'done' } = (await services.runs.get(handle, context.caller)) ?? {}
      if (status === 'done' && (offset > 0 || find !== undefined))
        return paged(pageOf(textIn(settled), { offset, find, limit }), handle, { offset, find })
      if (settled.isError === true || settled.structured !== undefined) return settled
      return { ...settled, structured: { status } }
    },
  }
}

async function cancelled({ runs }: Services, handle: string, caller: Caller): Promise<DoneResult> {
  const view = await runs.cancel(handle, caller)
  if (view === undefined) return unknown(handle)
  if (view.result !== undefined) return view.result
  const { status, startedAt } = view
  const state = { status: 'working' as const, handle, startedAt, spentUsd: 0, message: 'it has not ended yet, or runs in another process' }
  return answer({ status, text: '', handle }, `Could not cancel ${handle} at once. ${describeRun(state)}`)
}

function paged(page: Page, handle: string, { offset, find }: { offset: number; find: string | undefined }): DoneResult {
  const { found, nextOffset, total } = page
  if (offset > total) return failure(`Cannot read ${handle} from offset ${offset}: it must be at most ${total}, the length of the text`)
  if (found?.count === 0)
    return answer(
      { status: 'done', text: '', offset, total, found: false },
      `"${find}" does not occur from offset ${offset} on (${total} characters in all)`,
    )
  const fields = {
    status: 'done',
    text: page.text,
    offset: page.offset,
    total,
    ...(nextOffset !== undefined && { next_offset: nextOffset }),
    ...(found && { found_at: found.places, found_count: found.count }),
    ...(found?.next !== undefined && { next_found_at: found.next }),
  }
  const more = nextOffset === undefined ? 'the end' : `read on with offset ${nextOffset}`
  const notes = [`characters ${page.offset} to ${page.offset + page.text.length} of ${total}; ${more}`, ...(found ? [placesIn(found)] : [])]
  return answer(fields, `${page.text}\n\n[${notes.join('; ')}]`)
}

function placesIn({ places, next, count }: Found): string {
  const rest = next === undefined ? '' : `; find again with offset ${next} for the next`
  return `found ${count === 1 ? 'once' : `${count} times`}, here at ${places.join(', ')}${rest}`
}

function textIn({ content }: DoneResult): string {
  return content.flatMap((block) => (block['type'] === 'text' ? [String(block['text'])] : [])).join('\n\n')
}

function unknown(handle: string) {
  return failure(`Cannot get the answer: there is no handle "${handle.slice(0, 60)}". Answers are kept for a day.`)
}
