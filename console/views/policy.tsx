import { useEffect, useState } from 'preact/hooks'
import type { PolicyCheck, PolicyReplay, PolicyState } from '../../src/console/wire.ts'
import { get, post } from '../api.ts'
import { count, ms, plural, shown, usd } from '../format.ts'
import { Card, Difference, Failure, Pending, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useAction, useLoaded } from '../use.ts'

export function PolicyView() {
  const loaded = useLoaded('policy', (signal) => get<PolicyState>('policy', signal))
  // Said here, since the editor begins anew with the text that was taken up.
  const [taken, setTaken] = useState('')
  const take = (name: string) => {
    setTaken(`${name} is served as you published it.`)
    loaded.reload()
  }
  return (
    <>
      <p role="status">{taken}</p>
      <Pending loaded={loaded}>{(state) => <Editor state={state} key={state.sha256} onTaken={take} />}</Pending>
    </>
  )
}

function Editor({ state, onTaken }: { state: PolicyState; onTaken: (name: string) => void }) {
  const [text, setText] = useState(state.text)
  const [check, setCheck] = useState<{ of: string; found: PolicyCheck }>()
  const [replayed, setReplayed] = useState<PolicyReplay>()
  const checking = useAction()
  const replaying = useAction()
  const isFresh = check?.of === text
  return (
    <>
      <Card
        title={state.name}
        id="editor"
        aside={<span class="quiet">{state.kind === 'shipped' ? 'shipped with Signalbox' : state.target}</span>}
      >
        <label for="text">The policy as YAML</label>
        <textarea
          id="text"
          class="editor"
          spellcheck={false}
          rows={22}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="actions">
          <button
            type="button"
            disabled={checking.busy}
            onClick={() => checking.run(async () => setCheck({ of: text, found: await post<PolicyCheck>('policy/check', { text }) }))}
          >
            {checking.busy ? 'Checking…' : 'Check and run its tests'}
          </button>
          <button
            type="button"
            disabled={replaying.busy}
            onClick={() =>
              replaying.run(async () => setReplayed(await post<PolicyReplay>('policy/replay', { policy: { text }, hours: 168 })))
            }
          >
            {replaying.busy ? 'Replaying…' : 'Replay the last week'}
          </button>
          <button type="button" disabled={text === state.text} onClick={() => setText(state.text)}>
            Back to what is served
          </button>
        </p>
        <Failure error={checking.error ?? replaying.error} />
      </Card>
      {check === undefined ? null : <Checked check={check.found} isFresh={isFresh} />}
      {replayed === undefined ? null : <Replayed report={replayed} />}
      <Publish state={state} text={text} check={isFresh ? check.found : undefined} onTaken={onTaken} />
    </>
  )
}

const severities = { error: 'bad', warning: 'warn', report: 'info' } as const

function Checked({ check, isFresh }: { check: PolicyCheck; isFresh: boolean }) {
  const failed = check.tests.filter(({ passed }) => !passed)
  return (
    <Card title="What the linter found" id="findings" aside={isFresh ? null : <Tag kind="warn">of an earlier text</Tag>}>
      <div role="status">
        {check.issues.length > 0 ? (
          <p>It is no policy yet.</p>
        ) : (
          <p>
            {check.findings.length === 0 ? 'Nothing was found. ' : `${plural(check.findings.length, 'finding')}. `}
            {check.tests.length === 0
              ? 'It brings no tests.'
              : `${count(check.tests.length - failed.length)} of ${plural(check.tests.length, 'test')} passed.`}
          </p>
        )}
      </div>
      <ul class="rules">
        {check.issues.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <Tag kind="bad">error</Tag> <code>{path}</code> {message}
          </li>
        ))}
        {check.findings.map((finding) => (
          <li key={`${finding.code} ${finding.message}`}>
            <Tag kind={severities[finding.severity]}>{finding.severity}</Tag> <strong>{finding.code.replaceAll('_', ' ')}</strong>:{' '}
            {finding.message}
            {finding.witness === null ? null : (
              <div class="missing">
                such as:{' '}
                <code>
                  {Object.entries(finding.witness)
                    .map(([name, value]) => `${name} = ${shown(value)}`)
                    .join(', ')}
                </code>
              </div>
            )}
            <div class="missing">{finding.mend}</div>
          </li>
        ))}
        {failed.map(({ test, error, differences }) => (
          <li key={`test ${test}`}>
            <Tag kind="bad">test failed</Tag> <strong>{test}</strong> {error}
            {differences.map((one) => (
              <div class="missing" key={one.of}>
                {one.of}: expected {shown(one.expected)}, received {shown(one.received)}
              </div>
            ))}
          </li>
        ))}
      </ul>
      {check.diff === null || check.difference === '' ? null : (
        <>
          <h3>Against what is served</h3>
          <Difference label="Lines that change" lines={check.difference} />
          <p>
            Of {plural(check.diff.tests, 'step')} in the tests of both, {count(check.diff.decisions.length)} would be decided otherwise.
          </p>
        </>
      )}
    </Card>
  )
}

function Replayed({ report }: { report: PolicyReplay }) {
  const { cost, latency } = report
  if (report.steps === 0)
    return (
      <Card title="Replay" id="replay">
        <p class="quiet">No step of the last week is kept to be planned again.</p>
      </Card>
    )
  return (
    <Card title="Replay" id="replay">
      <p role="status">
        {plural(report.steps, 'step')} planned again: <strong>{count(report.flips.length)}</strong>
        {report.flips.length === 100 ? ' or more' : ''} would go to another model. Nothing was sent.
        {report.skipped > 0 ? ` ${plural(report.skipped, 'step')} kept too little to be planned again.` : ''}
      </p>
      <Table label="What would change" head={['', 'Before', 'After']}>
        <tr>
          <th scope="row">Cost, with the same simulated caches</th>
          <td class="number">{usd(cost.beforeUsd)}</td>
          <td class="number">{usd(cost.afterUsd)}</td>
        </tr>
        <tr>
          <th scope="row">Latency, by the mean of each model</th>
          <td class="number">{ms(latency.beforeMs)}</td>
          <td class="number">{ms(latency.afterMs)}</td>
        </tr>
        {Object.entries(report.models).map(([model, one]) => (
          <tr key={model}>
            <th scope="row">Steps of {model}</th>
            <td class="number">{count(one.before)}</td>
            <td class={`number ${one.before === one.after ? '' : 'changed'}`}>{count(one.after)}</td>
          </tr>
        ))}
      </Table>
      {report.flips.length === 0 ? null : (
        <Table label="Steps that would go elsewhere" head={['Step', 'Before', 'After', 'Cost']}>
          {report.flips.slice(0, 20).map((flip) => (
            <tr key={flip.decision}>
              <td class="words">
                <a href={linkTo('steps', flip.decision)}>{flip.text === '' ? '(no words)' : flip.text}</a>
              </td>
              <td>
                {flip.before.model ?? 'nobody'} <span class="quiet">{flip.before.rule}</span>
              </td>
              <td>
                {flip.after.model ?? 'nobody'} <span class="quiet">{flip.after.rule}</span>
              </td>
              <td class="number">
                {usd(flip.beforeUsd)} → {usd(flip.afterUsd)}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  )
}

const waitedMs = 15_000

interface Publishing {
  readonly state: PolicyState
  readonly text: string
  /** Of exactly this text. */
  readonly check: PolicyCheck | undefined
  readonly onTaken: (name: string) => void
}

function Publish({ state, text, check, onTaken }: Publishing) {
  const action = useAction()
  const [asked, setAsked] = useState(false)
  const [said, setSaid] = useState('')
  // A yes is meant for the text that was shown.
  useEffect(() => setAsked(false), [text])
  const publish = () =>
    action.run(async () => {
      const { path } = await post<{ path: string }>('policy/publish', { text, checked: check?.sha256, base: state.sha256 })
      setSaid(`Written to ${path}. Waiting until it is served…`)
      for (const end = Date.now() + waitedMs; Date.now() < end; ) {
        await new Promise((resolve) => setTimeout(resolve, 500))
        const now = await get<PolicyState>('policy')
        if (now.generation !== state.generation && now.sha256 === check?.sha256) {
          onTaken(now.name)
          return
        }
      }
      throw new Error('It is written, and not served yet: the log of Signalbox says why')
    })
  if (state.target === null)
    return (
      <Card title="Publish" id="publish">
        <p>It cannot be published from here: {state.no_target}.</p>
      </Card>
    )
  const isReady = check?.can_be_served === true && text !== state.text
  return (
    <Card title="Publish" id="publish">
      <p>
        Goes to <code>{state.target}</code>
        {state.changes_config === null ? '' : `, which ${state.changes_config} will name under policy:`}. From then on each step is decided
        by it.
      </p>
      {isReady ? null : <p class="quiet">Change the text, and check it: what has no errors can be published.</p>}
      {asked && isReady ? (
        <p class="actions" role="alert">
          {summary(check)}
          <button type="button" disabled={action.busy} onClick={publish}>
            Yes, serve it
          </button>
          <button type="button" onClick={() => setAsked(false)}>
            Not now
          </button>
        </p>
      ) : (
        <button type="button" disabled={!isReady || action.busy} onClick={() => setAsked(true)}>
          Publish…
        </button>
      )}
      <p role="status">{said}</p>
      <Failure error={action.error} />
    </Card>
  )
}

function summary({ diff, tests, findings }: PolicyCheck): string {
  const failed = tests.filter(({ passed }) => !passed).length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  return `${plural(diff?.parts.length ?? 0, 'part')} would change, ${plural(diff?.decisions.length ?? 0, 'decision')} of the tests with ${
    diff?.decisions.length === 1 ? 'it' : 'them'
  }. ${plural(failed, 'test')} failed, ${plural(warnings, 'warning')}. Serve it?`
}
