import { z } from 'zod'
import { describeRun } from './long.ts'
import type { Operation } from './operation.ts'
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
    description:
      'Waits for the answer of a handle, cancels it, or reads a large stored result from offset or from the first place that holds find.',
    input,
    // What a hosted tool answered may stand here as it came, so no field is promised.
    output: z.looseObject({}),
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run({ handle, wait_s, offset, find, cancel }: z.infer<typeof input>, context) {
      const { principal } = context.caller
      if (handle.startsWith('re_')) {
        const page = await services.results.read(principal, handle, { offset, find, limit: pageCharacters })
        if (page === undefined) return unknown(handle)
        if (page.found === false)
          return answer(
            { status: 'done', text: '', offset, total: page.total, found: false },
            `"${find}" does not occur from offset ${offset} on (${page.total} characters in all)`,
          )
        const more = page.nextOffset === undefined ? 'the end' : `read on with offset ${page.nextOffset}`
        const fields = {
          status: 'done',
          text: page.text,
          offset: page.offset,
          total: page.total,
          ...(page.nextOffset !== undefined && { next_offset: page.nextOffset }),
        }
        return answer(fields, `${page.text}\n\n[characters ${page.offset} to ${page.offset + page.text.length} of ${page.total}; ${more}]`)
      }
      if (cancel === true) {
        const view = await services.runs.cancel(handle, context.caller)
        if (view === undefined) return unknown(handle)
        return (
          view.result ??
          answer(
            { status: view.status, text: '', handle },
            describeRun({ status: 'cancelled', handle, startedAt: view.startedAt, spentUsd: 0 }),
          )
        )
      }
      const settled = await services.runs.wait(handle, wait_s * 1000, context)
      if (settled === undefined) return unknown(handle)
      if (settled.kind !== 'done' || settled.isError === true || settled.structured !== undefined) return settled
      const view = await services.runs.get(handle, context.caller)
      return { ...settled, structured: { status: view?.status ?? 'done' } }
    },
  }
}

function unknown(handle: string) {
  return failure(`Cannot get the answer: there is no handle "${handle.slice(0, 60)}". Answers are kept for a day.`)
}
