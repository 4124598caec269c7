import { factDocument } from './kinds.ts'
import type { PrincipalFilter, Row, RowStore, Store, StoredDocument } from './store.ts'
import type { Threads, Turn } from './threads.ts'

const perPage = 200

/** All rows of a kind, page by page: those that are read may be removed on the way. */
export async function* everyRow<T>(
  rows: Pick<RowStore, 'list'>,
  principal: PrincipalFilter,
  kind: string,
  { order }: { order?: 'updated' | undefined } = {},
): AsyncGenerator<Row<T>> {
  for (let cursor: string | undefined; ; ) {
    const page = await rows.list<T>(principal, kind, { cursor, limit: perPage, order })
    yield* page.rows
    if (page.nextCursor === undefined) return
    cursor = page.nextCursor
  }
}

/** What was remembered, of all threads and outside them unless one is named; oldest first. */
export async function* factsOf(
  { documents }: Pick<Store, 'documents'>,
  principal: string,
  thread?: string,
): AsyncGenerator<StoredDocument> {
  for (let cursor: string | undefined; ; ) {
    const page = await documents.list(principal, { kinds: [factDocument], thread, cursor, limit: perPage })
    yield* page.documents
    if (page.nextCursor === undefined) return
    cursor = page.nextCursor
  }
}

/** Of one thread, oldest first. */
export async function* turnsOf(threads: Pick<Threads, 'turns'>, principal: string, thread: string): AsyncGenerator<Turn> {
  for (let after = 0; ; ) {
    const page = await threads.turns(principal, thread, { after, limit: perPage })
    yield* page
    if (page.length < perPage) return
    after = page.at(-1)?.sequence ?? after
  }
}
