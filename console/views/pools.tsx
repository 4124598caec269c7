import { useEffect, useMemo, useState } from 'preact/hooks'
import type { PoolHistory, Saving } from '../../src/console/wire.ts'
import { get, operation } from '../api.ts'
import { count, ms, percent, plural, time, usd, visible } from '../format.ts'
import { Bar, Card, Facts, Pending, Table, Tag } from '../parts.tsx'
import { Plot } from '../plot.tsx'
import { useLoaded } from '../use.ts'

/** What the console reads of the operation `status`. */
interface Status {
  readonly version: string
  readonly policy: string
  readonly pools: readonly {
    readonly pool: string
    readonly for: string
    readonly exposed: boolean
    readonly models: readonly ModelStatus[]
  }[]
  readonly budget: { readonly usd_per_day: number | null; readonly usd_per_call: number | null; readonly spent_today_usd: number | null }
}

interface ModelStatus {
  readonly model: string
  readonly local: boolean
  readonly missing_key?: string
  readonly state: 'ready' | 'cooling' | 'half-open'
  readonly ready_in_s?: number
  readonly reason?: string
  readonly calls: number
  readonly failures: number
  readonly in_flight: number
  readonly first_content_p50_ms?: number
  readonly first_content_p95_ms?: number
  readonly price: { readonly input: number; readonly output: number } | null
  readonly last_error?: string
}

const refreshMs = 3000
const spans = [
  [1, 'the last hour'],
  [24, 'the last day'],
  [168, 'the last week'],
] as const

export function PoolsView() {
  const [hours, setHours] = useState(24)
  const now = useLoaded('status', () => operation<Status>('status', {}, 'local'))
  const past = useLoaded(`pools ${hours}`, (signal) => get<PoolHistory>(`pools?hours=${hours}`, signal))
  useEffect(() => {
    const timer = setInterval(now.reload, refreshMs)
    return () => clearInterval(timer)
  }, [now.reload])
  return (
    <>
      <Pending loaded={now}>
        {(status) => (
          <>
            <Budget budget={status.budget} />
            {status.pools.map((pool) => (
              <PoolCard pool={pool} key={pool.pool} />
            ))}
          </>
        )}
      </Pending>
      <p class="tools">
        <label for="span">Count the steps of</label>
        <select id="span" value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
          {spans.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </p>
      <Pending loaded={past}>{(history) => <History history={history} />}</Pending>
    </>
  )
}

function Budget({ budget }: { budget: Status['budget'] }) {
  const { usd_per_day: perDay, usd_per_call: perCall, spent_today_usd: spent } = budget
  return (
    <Card title="Budget">
      <Facts
        of={[
          ['Today, all callers', perDay === null ? usd(spent ?? 0) : `${usd(spent ?? 0)} of ${usd(perDay)}`],
          ['A call', perCall === null ? 'no limit' : `at most ${usd(perCall)}`],
        ]}
      />
      {perDay === null ? null : <Bar share={(spent ?? 0) / perDay} kind={(spent ?? 0) > perDay * 0.9 ? 'bad' : 'good'} />}
    </Card>
  )
}

function PoolCard({ pool }: { pool: Status['pools'][number] }) {
  return (
    <Card title={pool.pool} id={`pool-${pool.pool}`} aside={<span class="quiet">{pool.for}</span>}>
      <Table
        label={`Models of ${pool.pool}, as this process sees them`}
        head={['Model', 'Breaker', 'Under way', 'Calls', 'Failed', 'First content p50', 'p95', 'Price in / out per million']}
      >
        {pool.models.map((one) => (
          <tr key={one.model}>
            <th scope="row">
              {one.model} {one.local ? <Tag>local</Tag> : null}
            </th>
            <td>
              <Breaker model={one} />
            </td>
            <td class="number">{count(one.in_flight)}</td>
            <td class="number">{count(one.calls)}</td>
            <td class="number">{count(one.failures)}</td>
            <td class="number">{ms(one.first_content_p50_ms)}</td>
            <td class="number">{ms(one.first_content_p95_ms)}</td>
            <td class="number">{one.price === null ? 'unknown' : `$${one.price.input} / $${one.price.output}`}</td>
          </tr>
        ))}
      </Table>
      {pool.models.map(({ model, last_error: error }) =>
        error === undefined ? null : (
          <p class="quiet" key={model}>
            {model} said last: {visible(error)}
          </p>
        ),
      )}
    </Card>
  )
}

function Breaker({ model }: { model: ModelStatus }) {
  if (model.missing_key !== undefined) return <Tag kind="bad">key {model.missing_key} is missing</Tag>
  if (model.state === 'ready') return <Tag kind="good">closed</Tag>
  const words = model.state === 'cooling' ? `open for ${model.ready_in_s ?? 0} s` : 'half open: one probe may go'
  return (
    <Tag kind="bad">
      {words}
      {model.reason === undefined ? '' : `, after ${model.reason}`}
    </Tag>
  )
}

function History({ history }: { history: PoolHistory }) {
  const { spend, latency } = history
  const latencies = useMemo(
    () => [
      { name: 'p50', values: latency.p50 },
      { name: 'p95', values: latency.p95 },
    ],
    [latency],
  )
  const series = useMemo(() => spend.models.map((name, index) => ({ name, values: spend.usd[index] ?? [] })), [spend])
  if (history.steps === 0) return <p class="empty">No step was answered in that time.</p>
  return (
    <>
      {history.more ? <p class="quiet">Only the newest {count(history.steps)} steps are counted.</p> : null}
      <Card title="Spend" id="spend">
        <Plot label={`Dollars over time, by model, since ${time(history.since)}`} at={spend.at} series={series} shown={usd} />
      </Card>
      <Card title="Time of an answer" id="latency">
        <Plot
          label={`Milliseconds of an answer over time, all models, since ${time(history.since)}`}
          at={latency.at}
          series={latencies}
          shown={ms}
        />
      </Card>
      <SavingCard saving={history.saving} />
      <Card title="Models" id="models">
        <Table
          label="What each model did"
          head={['Model', 'Steps', 'Failed attempts', 'p50', 'p95', 'p99', 'First content p50', 'p95', 'Read from cache', '', 'Cost']}
        >
          {history.models.map((one) => (
            <tr key={one.model}>
              <th scope="row">{one.model}</th>
              <td class="number">{count(one.steps)}</td>
              <td class="number">{count(one.failed_attempts)}</td>
              <td class="number">{ms(one.latency_ms.p50)}</td>
              <td class="number">{ms(one.latency_ms.p95)}</td>
              <td class="number">{ms(one.latency_ms.p99)}</td>
              <td class="number">{ms(one.first_content_ms.p50)}</td>
              <td class="number">{ms(one.first_content_ms.p95)}</td>
              <td class="number">{percent(one.cached_share)}</td>
              <td class="bars">
                <Bar share={one.cached_share} />
              </td>
              <td class="number">
                {usd(one.cost_usd)}
                {one.unpriced === 0 ? '' : ` and ${one.unpriced} unpriced`}
              </td>
            </tr>
          ))}
        </Table>
      </Card>
    </>
  )
}

function SavingCard({ saving }: { saving: Saving }) {
  const most = Math.max(saving.paid_usd, ...saving.always.map((one) => one.usd), 1e-12)
  return (
    <Card title="Saved against one model always" id="saving">
      <Table label="What the same steps had cost" head={['', 'Dollars', '', 'Saved']}>
        <tr>
          <th scope="row">As it was routed</th>
          <td class="number">{usd(saving.paid_usd)}</td>
          <td class="bars">
            <Bar share={saving.paid_usd / most} kind="good" />
          </td>
          <td />
        </tr>
        {saving.always.map(({ model, usd: cost }) => (
          <tr key={model}>
            <th scope="row">{model} always</th>
            <td class="number">{usd(cost)}</td>
            <td class="bars">
              <Bar share={cost / most} />
            </td>
            <td class="number">{usd(cost - saving.paid_usd)}</td>
          </tr>
        ))}
      </Table>
      <p class="quiet">
        Assumed: that model had read and written as many tokens in each of {plural(saving.steps, 'step')}, with as much in its prompt cache,
        at its price of now, and answered as well. Failed attempts are not counted.
        {saving.left_out === 0
          ? ''
          : ` ${plural(saving.left_out, 'step')} of unknown price ${saving.left_out === 1 ? 'is' : 'are'} left out.`}
      </p>
    </Card>
  )
}
