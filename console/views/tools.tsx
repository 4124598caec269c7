import { useState } from 'preact/hooks'
import type { FoundTools, ToolsView as Hosted, WaitingPin } from '../../src/console/wire.ts'
import { get, post } from '../api.ts'
import { count, ms, percent, plural, time, visible } from '../format.ts'
import { Bar, Card, Difference, Failure, Pending, Table, Tag } from '../parts.tsx'
import { useAction, useLoaded } from '../use.ts'

export function ToolsView() {
  const loaded = useLoaded('tools', (signal) => get<Hosted>('tools', signal))
  return (
    <>
      <Search />
      <Pending loaded={loaded}>
        {(hosted) => (
          <>
            {hosted.waiting.map((pin) => (
              <Pin pin={pin} key={`${pin.name} ${pin.hash}`} onAccepted={loaded.reload} />
            ))}
            <Servers servers={hosted.servers} />
            <Calls calls={hosted.calls} counted={hosted.calls_counted} />
            <Catalogue tools={hosted.tools} />
          </>
        )}
      </Pending>
    </>
  )
}

function Search() {
  const action = useAction()
  const [found, setFound] = useState<FoundTools>()
  const search = (need: string) => action.run(async () => setFound(await post<FoundTools>('tools/search', { need })))
  return (
    <Card title="Search" id="search">
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault()
          search(String(new FormData(event.currentTarget).get('need')))
        }}
      >
        <label for="need">What has to be done</label>
        <input id="need" name="need" type="text" required maxLength={4000} placeholder="look into a text file" />
        <button type="submit" disabled={action.busy}>
          Find tools
        </button>
      </form>
      <Failure error={action.error} />
      <div aria-live="polite">{found === undefined ? null : <Found found={found} />}</div>
    </Card>
  )
}

function Found({ found }: { found: FoundTools }) {
  if (found.hits.length === 0) return <p>No tool was found among {count(found.scored)}.</p>
  const best = Math.max(...found.hits.map(({ score }) => score), 1e-9)
  return (
    <>
      <p>
        {found.none_fits ? <Tag kind="warn">none seems to fit</Tag> : <Tag kind="good">fits</Tag>} {percent(found.confidence)} sure, of{' '}
        {plural(found.scored, 'tool')}, compared by {found.searched === 'semantic' ? 'meaning and words' : 'words only'}.
      </p>
      <Table
        label="The tools that were found, and what their scores are made of"
        head={['Tool', 'Score', '', 'Learnt', 'Words', 'Texts by which it is compared']}
      >
        {found.hits.map((hit) => (
          <tr key={hit.name}>
            <th scope="row">
              {hit.name} <span class="quiet">{hit.server}</span>
            </th>
            <td class="number">{hit.score.toFixed(3)}</td>
            <td class="bars">
              <Bar share={hit.score / best} />
            </td>
            <td class="number">{signed(hit.score - hit.unlearned)}</td>
            <td class="number">{percent(hit.words)}</td>
            <td class="words">
              {hit.views.map(({ text, cosine }) => (
                <div key={text}>
                  <strong>{cosine === null ? 'no vector' : cosine.toFixed(3)}</strong> <span class="quiet">{visible(text)}</span>
                </div>
              ))}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

function signed(value: number): string {
  if (Math.abs(value) < 0.0005) return '0'
  return `${value > 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`
}

function Pin({ pin, onAccepted }: { pin: WaitingPin; onAccepted: () => void }) {
  const action = useAction()
  const accept = () =>
    action.run(async () => {
      await post(`tools/pins/${encodeURIComponent(pin.name)}`, { hash: pin.hash })
      onAccepted()
    })
  return (
    <Card
      title={`${pin.name} ${pin.kind === 'new' ? 'is new' : 'has changed'}`}
      id={`pin-${pin.name}`}
      aside={<Tag kind="warn">held back</Tag>}
    >
      <p>
        {pin.reason}{' '}
        <span class="quiet">
          Of {pin.server}, first seen {time(pin.since)}.
        </span>
      </p>
      <Difference lines={visible(pin.difference)} label={`What changes in ${pin.name}`} />
      <p class="actions">
        <button type="button" disabled={action.busy} onClick={accept}>
          Accept this definition
        </button>
      </p>
      <Failure error={action.error} />
    </Card>
  )
}

function Servers({ servers }: { servers: Hosted['servers'] }) {
  if (servers.length === 0)
    return (
      <Card title="Servers">
        <p>
          None is hosted. Add MCP servers under <code>tools:</code> in the configuration.
        </p>
      </Card>
    )
  return (
    <Card title="Servers">
      <Table label="Hosted servers" head={['Server', 'State', 'Tools', 'MCP', 'Restarts', 'Last failure']}>
        {servers.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td>
              <Tag kind={one.phase === 'ready' || one.phase === 'idle' ? 'good' : one.phase === 'failed' ? 'bad' : 'warn'}>{one.phase}</Tag>
              {one.from_snapshot ? <span class="quiet">tools as of the last run</span> : null}
            </td>
            <td class="number">{count(one.tools)}</td>
            <td>
              {one.transport} {one.protocol ?? ''}
            </td>
            <td class="number">{count(one.restarts)}</td>
            <td>{one.error === null ? '' : visible(one.error)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  )
}

function Calls({ calls, counted }: { calls: Hosted['calls']; counted: number }) {
  const classes = [...new Set(calls.flatMap(({ outcomes }) => Object.keys(outcomes)))].toSorted()
  return (
    <Card title="Calls by how they ended" id="calls" aside={<span class="quiet">the last {plural(counted, 'call')}</span>}>
      {calls.length === 0 ? (
        <p class="quiet">No tool was called yet.</p>
      ) : (
        <Table label="Calls of each tool, by class" head={['Tool', 'Calls', 'p50', ...classes.map((one) => one.replaceAll('_', ' '))]}>
          {calls.map((one) => (
            <tr key={one.tool}>
              <th scope="row">{one.tool}</th>
              <td class="number">{count(one.calls)}</td>
              <td class="number">{ms(one.p50_ms)}</td>
              {classes.map((name) => (
                <td class="number" key={name}>
                  {one.outcomes[name] === undefined ? '' : count(one.outcomes[name])}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </Card>
  )
}

const shownAtFirst = 50

function Catalogue({ tools }: { tools: Hosted['tools'] }) {
  const [all, setAll] = useState(false)
  const shown = all ? tools : tools.slice(0, shownAtFirst)
  return (
    <Card title="All tools" id="all-tools" aside={<span class="quiet">{plural(tools.length, 'tool')}</span>}>
      <Table label="All hosted tools" head={['Tool', 'Does', 'Description']}>
        {shown.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td>
              {one.quarantined === null ? (
                <Tag kind={one.effect === 'destructive' ? 'bad' : one.effect === 'write' ? 'warn' : 'good'}>{one.effect}</Tag>
              ) : (
                <Tag kind="bad">held back</Tag>
              )}
            </td>
            <td class="words">{visible(one.description)}</td>
          </tr>
        ))}
      </Table>
      {tools.length <= shown.length ? null : (
        <button type="button" onClick={() => setAll(true)}>
          Show all {count(tools.length)}
        </button>
      )}
    </Card>
  )
}
