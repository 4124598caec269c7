import { useState } from 'preact/hooks'
import type { StepPage, StepSummary } from '../../src/console/wire.ts'
import { get } from '../api.ts'
import { caller, count, ms, time, usd } from '../format.ts'
import { type LiveState, mergeSteps } from '../live.ts'
import { Failure, Pending, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useAction, useLoaded } from '../use.ts'

export function StepsView({ live }: { live: LiveState }) {
  const first = useLoaded('steps', (signal) => get<StepPage>('steps', signal))
  const [older, setOlder] = useState<{ steps: readonly StepSummary[]; cursor: string | null }>()
  const [wanted, setWanted] = useState('')
  const more = useAction()
  return (
    <Pending loaded={first}>
      {(page) => {
        const all = mergeSteps([...page.steps, ...(older?.steps ?? [])], live.steps)
        const shown = all.filter((step) => matches(step, wanted))
        const cursor = older === undefined ? page.next_cursor : older.cursor
        const loadMore = () =>
          more.run(async () => {
            const next = await get<StepPage>(`steps?cursor=${encodeURIComponent(cursor ?? '')}`)
            setOlder({ steps: [...(older?.steps ?? []), ...next.steps], cursor: next.next_cursor })
          })
        if (all.length === 0) return <NoSteps />
        return (
          <>
            <p class="tools">
              <label for="wanted">Show only</label>
              <input
                id="wanted"
                type="search"
                placeholder="words, a model, a rule, a caller"
                value={wanted}
                onInput={(event) => setWanted(event.currentTarget.value)}
              />
              <span class="quiet" role="status">
                {shown.length} of {all.length} that are loaded
              </span>
            </p>
            <Table label="Steps, the newest first" head={['Time', 'Step', 'Rule', 'Model', 'Took', 'Tokens', 'Cost', '']}>
              {shown.map((step) => (
                <StepRow step={step} key={step.id} />
              ))}
            </Table>
            <Failure error={more.error} />
            {cursor === null ? null : (
              <button type="button" disabled={more.busy} onClick={loadMore}>
                Older steps
              </button>
            )}
          </>
        )
      }}
    </Pending>
  )
}

function StepRow({ step }: { step: StepSummary }) {
  return (
    <tr>
      <td class="nowrap">{time(step.at)}</td>
      <td class="words">
        <a href={linkTo('steps', step.id)}>{step.text === '' ? '(no words)' : step.text}</a>
        <span class="quiet">
          {step.kind.replace('_', ' ')} · {step.client ?? caller(step.principal)}
        </span>
      </td>
      <td>
        {step.rule}
        {step.held ? <Tag>held</Tag> : null}
      </td>
      <td>{step.model ?? 'nobody'}</td>
      <td class="number">{ms(step.latency_ms)}</td>
      <td class="number">
        {count(step.input_tokens)} → {count(step.output_tokens)}
      </td>
      <td class="number">{step.status === 'answered' ? usd(step.cost_usd) : '–'}</td>
      <td>
        {step.status === 'failed' ? <Tag kind="bad">failed</Tag> : null}
        {step.status === 'planned' ? <Tag>planned</Tag> : null}
        {step.attempts > 1 ? <Tag kind="warn">{step.attempts} attempts</Tag> : null}
        {step.verdict === null ? null : <Tag kind={step.verdict === 'good' ? 'good' : 'bad'}>{step.verdict}</Tag>}
      </td>
    </tr>
  )
}

function NoSteps() {
  return (
    <div class="empty">
      <p>No step yet. What asks Signalbox for an answer appears here at once, and shows how it was decided.</p>
      <p>
        Try it: <code>signalbox ask "When does the ferry leave?"</code>, or see <a href={linkTo('start')}>what is missing</a>.
      </p>
    </div>
  )
}

function matches(step: StepSummary, wanted: string): boolean {
  const said = [step.text, step.rule, step.model, step.pool, step.principal, step.client, step.kind, step.status, step.verdict, step.thread]
  const all = said.join(' ').toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
