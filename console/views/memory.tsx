import { useState } from 'preact/hooks'
import { get, operation } from '../api.ts'
import { caller, plural, time, visible } from '../format.ts'
import { Card, Facts, Failure, Pending, Quoted, Sure, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useAction, useLoaded } from '../use.ts'

interface Thread {
  readonly thread: string
  readonly name?: string
  readonly title: string
  readonly turns: number
  readonly updated_at: string
  readonly taint?: readonly string[]
  readonly snippet?: string
}

interface Turn {
  readonly id: string
  readonly sequence: number
  readonly role: string
  readonly speaker?: string
  readonly content: readonly Record<string, unknown>[]
  readonly at: string
  readonly model?: string
  readonly decision?: string
  readonly trust: string
}

interface Item {
  readonly id: string
  readonly text: string
  readonly score: number
  readonly source: string
  readonly trust: string
  readonly age_s: number
  readonly flagged?: boolean
}

/** Memory belongs to one caller at a time: what is looked at, and forgotten, is what that caller would see. */
export function MemoryView({ id }: { id: string | undefined }) {
  const principals = useLoaded('principals', (signal) => get<{ principals: string[] }>('principals', signal))
  const [whose, setWhose] = useState('local')
  return (
    <>
      <p class="tools">
        <label for="whose">Whose memory</label>
        <select id="whose" value={whose} onChange={(event) => setWhose(event.currentTarget.value)}>
          {(principals.data?.principals ?? ['local']).map((one) => (
            <option key={one} value={one}>
              {one === 'local' ? 'local (stdio, and HTTP without a key)' : caller(one)}
            </option>
          ))}
        </select>
      </p>
      {id === undefined ? <All whose={whose} key={whose} /> : <OneThread id={id} whose={whose} key={`${whose} ${id}`} />}
    </>
  )
}

function All({ whose }: { whose: string }) {
  return (
    <>
      <Recall whose={whose} />
      <Threads whose={whose} />
      <ForgetWords whose={whose} />
    </>
  )
}

function Recall({ whose }: { whose: string }) {
  const action = useAction()
  const [found, setFound] = useState<{ items: readonly Item[]; searched: string }>()
  const recall = (query: string) =>
    action.run(async () => setFound(await operation<{ items: Item[]; searched: string }>('recall', { query }, whose)))
  return (
    <Card title="Recall" id="recall">
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault()
          recall(String(new FormData(event.currentTarget).get('query')))
        }}
      >
        <label for="query">What a step might ask</label>
        <input id="query" name="query" type="text" required maxLength={4000} />
        <button type="submit" disabled={action.busy}>
          Recall
        </button>
      </form>
      <Failure error={action.error} />
      <div aria-live="polite">
        {found === undefined ? null : found.items.length === 0 ? (
          <p>Nothing remembered fits.</p>
        ) : (
          <>
            <p class="quiet">Found by {found.searched === 'lexical' ? 'words only' : 'meaning and words'}.</p>
            {found.items.map((item) => (
              <article key={item.id} class="item">
                <p>
                  <strong>{item.score.toFixed(3)}</strong> <Tag>{item.source}</Tag>
                  <Tag kind={item.trust === 'external' || item.trust === 'hostile' ? 'warn' : 'good'}>{item.trust}</Tag>
                  {item.flagged === true ? <Tag kind="warn">gives orders</Tag> : null}
                  <span class="quiet">{age(item.age_s)} old</span>{' '}
                  <ForgetButton what={{ id: item.id }} whose={whose} words="Forget it" onDone={() => setFound(without(found, item.id))} />
                </p>
                <Quoted label={`What was remembered as ${item.id}`} text={visible(item.text)} />
              </article>
            ))}
          </>
        )}
      </div>
    </Card>
  )
}

function without(found: { items: readonly Item[]; searched: string }, id: string) {
  return { ...found, items: found.items.filter((one) => one.id !== id) }
}

function age(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

function Threads({ whose }: { whose: string }) {
  const loaded = useLoaded(`threads ${whose}`, () =>
    operation<{ threads: Thread[]; next_cursor?: string }>('threads', { op: 'list' }, whose),
  )
  const action = useAction()
  const [found, setFound] = useState<readonly Thread[]>()
  const search = (query: string) =>
    action.run(async () =>
      setFound(
        query.trim() === '' ? undefined : (await operation<{ threads: Thread[] }>('threads', { op: 'search', query }, whose)).threads,
      ),
    )
  return (
    <Card title="Threads" id="threads">
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault()
          search(String(new FormData(event.currentTarget).get('words')))
        }}
      >
        <label for="words">Words that were said</label>
        <input id="words" name="words" type="search" maxLength={1000} />
        <button type="submit" disabled={action.busy}>
          Search
        </button>
      </form>
      <Failure error={action.error} />
      <Pending loaded={loaded}>
        {({ threads, next_cursor: more }) => {
          const shown = found ?? threads
          if (shown.length === 0) return <p class="quiet">No thread{found === undefined ? ' is remembered' : ' holds these words'}.</p>
          return (
            <>
              <Table label="Threads" head={['Thread', 'Turns', 'Last', 'Taint']}>
                {shown.map((one) => (
                  <tr key={one.thread}>
                    <td class="words">
                      <a href={linkTo('memory', one.thread)}>{one.name ?? (one.title === '' ? one.thread : one.title)}</a>
                      {one.snippet === undefined ? null : <span class="quiet">{visible(one.snippet)}</span>}
                    </td>
                    <td class="number">{one.turns}</td>
                    <td class="nowrap">{time(Date.parse(one.updated_at))}</td>
                    <td>{one.taint?.join(', ').replaceAll('_', ' ')}</td>
                  </tr>
                ))}
              </Table>
              {more === undefined || found !== undefined ? null : <p class="quiet">The newest fifty; search finds the others.</p>}
            </>
          )
        }}
      </Pending>
    </Card>
  )
}

function OneThread({ id, whose }: { id: string; whose: string }) {
  const loaded = useLoaded(`thread ${whose} ${id}`, () =>
    operation<Thread & { turns_shown: Turn[]; next_cursor?: string }>('threads', { op: 'get', thread: id }, whose),
  )
  return (
    <>
      <p>
        <a href={linkTo('memory')}>← All of memory</a>
      </p>
      <Pending loaded={loaded}>
        {(thread) => (
          <Card title={thread.name ?? (thread.title === '' ? thread.thread : thread.title)} id="thread">
            <Facts
              of={[
                ['Turns', plural(thread.turns, 'turn')],
                ['Taint', thread.taint?.join(', ').replaceAll('_', ' ') ?? 'nothing of others in it'],
              ]}
            />
            <p class="actions">
              <ExportButton id={id} whose={whose} />
              <ForgetButton what={{ thread: id }} whose={whose} words="Forget this thread" onDone={() => history.back()} />
            </p>
            {thread.turns_shown.map((turn) => (
              <article key={turn.id} class="item">
                <p>
                  <strong>{visible(turn.speaker ?? turn.role)}</strong>{' '}
                  <Tag kind={turn.trust === 'external' ? 'warn' : undefined}>{turn.trust}</Tag>
                  <span class="quiet">
                    {time(Date.parse(turn.at))} {turn.model ?? ''}
                  </span>{' '}
                  {turn.decision === undefined ? null : <a href={linkTo('steps', turn.decision)}>why</a>}
                </p>
                <Quoted label={`Turn ${turn.sequence}`} text={visible(turn.content.map(partInWords).join('\n'))} />
              </article>
            ))}
            {thread.next_cursor === undefined ? null : <p class="quiet">The export holds the turns that follow.</p>}
          </Card>
        )}
      </Pending>
    </>
  )
}

function partInWords(part: Record<string, unknown>): string {
  return part['type'] === 'text' ? String(part['text']) : JSON.stringify(part)
}

function ExportButton({ id, whose }: { id: string; whose: string }) {
  const action = useAction()
  const save = () =>
    action.run(async () => {
      const { jsonl } = await operation<{ jsonl?: string }>('threads', { op: 'export', thread: id }, whose)
      if (jsonl === undefined) throw new Error(`It is too long for one answer: signalbox threads export ${id}`)
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([jsonl], { type: 'application/jsonl' }))
      link.download = `${id}.jsonl`
      link.click()
      URL.revokeObjectURL(link.href)
    })
  return (
    <>
      <button type="button" disabled={action.busy} onClick={save}>
        Export as JSON Lines
      </button>
      <Failure error={action.error} />
    </>
  )
}

interface Forgetting {
  readonly what: Readonly<Record<string, string>>
  readonly whose: string
  readonly words: string
  readonly onDone: () => void
}

/** What is gone is gone: it is asked twice. */
function ForgetButton({ what, whose, words, onDone }: Forgetting) {
  const action = useAction()
  const [asked, setAsked] = useState(false)
  const forget = () =>
    action.run(async () => {
      await operation('forget', what, whose)
      onDone()
    })
  return (
    <>
      {asked ? (
        <Sure question="It cannot be brought back.">
          <button type="button" class="danger" disabled={action.busy} onClick={forget}>
            {words} for good
          </button>
          <button type="button" onClick={() => setAsked(false)}>
            Keep
          </button>
        </Sure>
      ) : (
        <button type="button" onClick={() => setAsked(true)}>
          {words}
        </button>
      )}
      <Failure error={action.error} />
    </>
  )
}

function ForgetWords({ whose }: { whose: string }) {
  const [words, setWords] = useState('')
  const [said, setSaid] = useState('')
  return (
    <Card title="Forget by words" id="forget">
      <p>All that holds these words goes: turns, facts, answers that are kept, and what was learnt from them.</p>
      <p class="tools">
        <label for="forget-words">Words</label>
        <input id="forget-words" type="text" value={words} maxLength={500} onInput={(event) => setWords(event.currentTarget.value)} />
        {words.trim().length < 3 ? null : (
          <ForgetButton
            what={{ text: words.trim() }}
            whose={whose}
            words="Forget what holds them"
            onDone={() => {
              setSaid(`Forgotten: what held "${words.trim()}".`)
              setWords('')
            }}
          />
        )}
      </p>
      <p role="status">{said}</p>
    </Card>
  )
}
