import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { RuleAccount } from '../../policies/explain-rules.ts'
import type { Plan } from '../../policies/plan.ts'
import type { PolicyState, StepDetail, StepOutcome, WhatIf } from '../../src/console/wire.ts'
import { get, post } from '../api.ts'
import { count, ms, percent, plural, shown, time, usd, visible } from '../format.ts'
import { Bar, Card, Facts, Failure, Pending, Quoted, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useAction, useLoaded } from '../use.ts'

export function StepView({ id }: { id: string }) {
  const loaded = useLoaded(`step ${id}`, (signal) => get<StepDetail>(`steps/${encodeURIComponent(id)}`, signal))
  return (
    <>
      <p>
        <a href={linkTo('steps')}>← All steps</a>
      </p>
      <Pending loaded={loaded}>{(step) => <Step step={step} onRated={loaded.reload} />}</Pending>
    </>
  )
}

function Step({ step, onRated }: { step: StepDetail; onRated: () => void }) {
  const { plan, outcome } = step
  return (
    <>
      <Line step={step} />
      <div class="columns">
        <TheStep step={step} />
        <Context plan={plan} />
        <Signals plan={plan} />
        <Rules rules={step.rules} note={step.rules_note} plan={plan} />
        <Candidates plan={plan} />
        <Gate plan={plan} />
        <Tools plan={plan} outcome={outcome} />
        <Guards plan={plan} outcome={outcome} />
        <Attempts outcome={outcome} />
        <Answer step={step} />
        <Verdicts step={step} onRated={onRated} />
        <WhatIfCard step={step} />
      </div>
    </>
  )
}

interface Station {
  readonly to: string
  readonly name: string
  readonly says: string
  readonly state?: 'bad' | 'warn' | undefined
}

/** The line of one step, from the words to the dollars: each station leads to what is known of it. */
function Line({ step }: { step: StepDetail }) {
  const { plan, outcome } = step
  const signalMs = plan.trace.reduce((sum, one) => sum + one.ms, 0)
  const unscored = plan.trace.filter(({ error }) => error !== undefined).length
  const stations: Station[] = [
    { to: 'the-step', name: 'Step', says: `${count(plan.step.input_tokens)} tokens` },
    { to: 'memory', name: 'Memory', says: plan.context.recalled === 0 ? 'nothing recalled' : `${plan.context.recalled} recalled` },
    {
      to: 'signals',
      name: 'Signals',
      says: plan.trace.length === 0 ? 'none named' : `${plan.trace.length} in ${ms(signalMs)}`,
      state: unscored > 0 ? 'warn' : undefined,
    },
    { to: 'rules', name: 'Policy', says: step.rule },
    { to: 'candidates', name: 'Plan', says: step.plan.pool ?? 'nobody', state: plan.pool === null ? 'bad' : undefined },
    {
      to: 'attempts',
      name: 'Dispatch',
      says: outcome === null ? 'not sent' : plural(outcome.attempts.length, 'attempt'),
      state: (outcome?.attempts.filter(({ error }) => error !== undefined).length ?? 0) > 0 ? 'warn' : undefined,
    },
    { to: 'answer', name: 'Model', says: step.model ?? 'nobody' },
    {
      to: 'answer',
      name: 'Outcome',
      says: step.status === 'answered' ? usd(step.cost_usd) : step.status,
      state: step.status === 'failed' ? 'bad' : undefined,
    },
    { to: 'verdicts', name: 'Verdict', says: step.verdict ?? 'none yet', state: isBad(step.verdict) ? 'bad' : undefined },
  ]
  return (
    <nav aria-label="The line of this step" class="line">
      <ol>
        {stations.map(({ to, name, says, state }) => (
          <li key={name} class={state}>
            <button type="button" onClick={() => goTo(to)}>
              <span class="dot" aria-hidden="true" />
              <span class="station">{name}</span>
              <span class="says">{says}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** The address is the place of the view, so that a plain link to a part would lead away. */
function goTo(id: string): void {
  const part = document.getElementById(id)
  part?.scrollIntoView({ block: 'start' })
  part?.setAttribute('tabindex', '-1')
  part?.focus({ preventScroll: true })
}

function isBad(verdict: StepDetail['verdict']): boolean {
  return verdict !== null && verdict !== 'good'
}

function TheStep({ step }: { step: StepDetail }) {
  const { plan } = step
  return (
    <Card title="The step" id="the-step">
      {step.step === null || step.step.text === '' ? (
        <p class="quiet">Its words are not kept.</p>
      ) : (
        <Quoted label="What was said" text={visible(step.step.text)} />
      )}
      <Facts
        of={[
          ['When', time(step.at)],
          ['Kind', `${plan.step.kind.replace('_', ' ')}, ${plan.step.mode}`],
          ['Caller', step.client === null ? step.principal : `${step.client} (${step.principal})`],
          [
            'Size',
            `${plural(plan.step.input_tokens, 'token')}, ${plural(plan.step.messages, 'message')}, ${plural(plan.step.images, 'image')}`,
          ],
          ['Offered tools', count(plan.step.tools_offered)],
          ['Thread', step.thread ?? 'none'],
          ['Taint', plan.step.taint.length === 0 ? 'nothing of others in it' : plan.step.taint.join(', ').replaceAll('_', ' ')],
          ['Decision', <code key="id">{step.id}</code>],
          ...(step.parent === null
            ? []
            : [
                [
                  'Part of',
                  <a key="parent" href={linkTo('steps', step.parent)}>
                    the loop it belongs to
                  </a>,
                ] as const,
              ]),
        ]}
      />
    </Card>
  )
}

function Context({ plan }: { plan: Plan }) {
  const { turns, recalled, tokens } = plan.context
  return (
    <Card title="Memory" id="memory">
      <p>
        {turns + recalled === 0
          ? 'Nothing was added from memory.'
          : `${plural(turns, 'earlier turn')} and ${plural(recalled, 'recalled item')} went along: ${plural(tokens, 'token')}.`}
      </p>
      <p>
        {plan.cache.warm
          ? `${plural(plan.cache.warm_tokens, 'token')} of the prompt were expected warm in the first candidate's prompt cache.`
          : 'No warm prompt cache was expected.'}
      </p>
    </Card>
  )
}

function Signals({ plan }: { plan: Plan }) {
  const slowest = Math.max(...plan.trace.map((one) => one.ms), 0.001)
  if (plan.trace.length === 0)
    return (
      <Card title="Signals" id="signals">
        <p class="quiet">The policy asks for none.</p>
      </Card>
    )
  return (
    <Card title="Signals" id="signals">
      <Table label="Signals" head={['Signal', 'Value', 'Sure', 'Time', '']}>
        {plan.trace.map((one) => (
          <tr key={one.signal}>
            <th scope="row">{one.signal}</th>
            <td>{one.error === undefined ? shown(one.value) : <Tag kind="warn">unscored: {one.error}</Tag>}</td>
            <td class="number">{one.error === undefined ? percent(one.confidence) : '–'}</td>
            <td class="number">{ms(one.ms)}</td>
            <td class="bars">
              <Bar share={one.ms / slowest} />
            </td>
          </tr>
        ))}
        {plan.projections.map((one) => (
          <tr key={`projection ${one.projection}`}>
            <th scope="row">
              {one.projection} <Tag>projection</Tag>
            </th>
            <td>{shown(one.value)}</td>
            <td class="number">{percent(one.confidence)}</td>
            <td />
            <td />
          </tr>
        ))}
      </Table>
    </Card>
  )
}

const verdictWords = { decides: 'decides', fires: 'fired', nearly: 'nearly', no: 'no' } as const
const verdictKinds = { decides: 'good', fires: 'info', nearly: 'warn', no: undefined } as const

function Rules({ rules, note, plan }: { rules: readonly RuleAccount[]; note: string | null; plan: Plan }) {
  const order = ['decides', 'fires', 'nearly', 'no'] as const
  const sorted = rules.toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  return (
    <Card title="Rules" id="rules" aside={<span class="quiet">{plan.policy}</span>}>
      <p>
        <strong>{plan.rule}</strong>: {plan.why}
      </p>
      {note === null ? null : <p class="quiet">{note}</p>}
      {rules.length === 0 ? null : (
        <ul class="rules">
          {sorted.map((rule) => (
            <li key={rule.rule}>
              <Tag kind={verdictKinds[rule.verdict]}>{verdictWords[rule.verdict]}</Tag> <strong>{rule.rule}</strong>{' '}
              <span class="quiet">
                tier {rule.tier}, priority {rule.priority}
                {rule.mode === 'enforce' ? '' : `, ${rule.mode} only`}
              </span>
              {rule.missing.map(({ condition, values, error }) => (
                <div class="missing" key={condition}>
                  lacks <code>{condition}</code>
                  {error === undefined
                    ? Object.entries(values)
                        .map(([name, value]) => ` ${name} is ${shown(value)}`)
                        .join(',')
                    : ` (${error})`}
                </div>
              ))}
            </li>
          ))}
        </ul>
      )}
      {plan.shadow.map(({ rule, pool, model }) => (
        <p key={rule} class="quiet">
          In shadow, {rule} would have chosen {model ?? 'nobody'}
          {pool === null ? '' : ` of ${pool}`}.
        </p>
      ))}
    </Card>
  )
}

function Candidates({ plan }: { plan: Plan }) {
  const dearest = Math.max(...plan.candidates.map(({ est_cost_usd: cost }) => cost ?? 0), 1e-12)
  const { selection } = plan
  return (
    <Card title="Candidates" id="candidates" aside={<span class="quiet">{plan.selector}</span>}>
      {plan.candidates.length === 0 ? (
        <p class="failed">Nobody could answer.</p>
      ) : (
        <Table
          label="Candidates in their order"
          head={['', 'Model', 'Pool', ...(selection.scores === null ? [] : ['Score']), 'At most', '']}
        >
          {plan.candidates.map((one) => (
            <tr key={one.model}>
              <td class="number">{one.rank}</td>
              <th scope="row">{one.model}</th>
              <td>{one.pool}</td>
              {selection.scores === null ? null : <td class="number">{selection.scores[one.model]?.toFixed(3) ?? '–'}</td>}
              <td class="number">{usd(one.est_cost_usd)}</td>
              <td class="bars">
                <Bar share={(one.est_cost_usd ?? 0) / dearest} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {selection.note === null ? null : <p class="quiet">{selection.note}</p>}
      {plan.propensity < 1 ? <p class="quiet">This one was chosen with a chance of {percent(plan.propensity)}.</p> : null}
      {plan.rejected.length === 0 ? null : (
        <>
          <h3>Rejected</h3>
          <ul class="rejected">
            {plan.rejected.map(({ model, pool, reason }) => (
              <li key={`${pool} ${model}`}>
                <strong>{model}</strong> <span class="quiet">{pool}</span>: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  )
}

/** What it costs to stay and to go, as far as it was weighed: the parts of the switch as one bar each. */
function Gate({ plan }: { plan: Plan }) {
  const { hold } = plan
  const { gate } = hold
  const words = hold.held
    ? `Held${hold.kind === 'hard' ? ' hard' : ''}: ${hold.because}.`
    : hold.broken_by === null
      ? 'Nothing was held: the policy chose freely.'
      : `The hold was broken by ${hold.broken_by.replaceAll('_', ' ')}: ${hold.because}.`
  const rows =
    gate === null || gate.note !== null
      ? []
      : ([
          ['Stay', gate.from, gate.stay_usd],
          ['Switch', gate.to, gate.switch_usd],
          ['of it the lost cache', gate.to, gate.cache_loss_usd],
          ['A later return', gate.from, gate.return_usd],
          ['Margin', '', gate.margin_usd],
        ] as const)
  const most = Math.max(...rows.map(([, , cost]) => cost), 1e-12)
  return (
    <Card title="Switch gate" id="gate">
      <p>{words}</p>
      {gate?.note == null ? null : <p class="quiet">{gate.note}</p>}
      {rows.length === 0 || gate === null ? null : (
        <>
          <Table label={`Over ${plural(gate.steps, 'step')}, in dollars`} head={['', 'Model', 'Dollars', '']}>
            {rows.map(([name, model, cost]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{model}</td>
                <td class="number">{usd(cost)}</td>
                <td class="bars">
                  <Bar share={cost / most} />
                </td>
              </tr>
            ))}
          </Table>
          <p>
            Over {plural(Math.round(gate.steps), 'expected step')} a switch {gate.gain_usd >= 0 ? 'gains' : 'loses'}{' '}
            <strong>{usd(Math.abs(gate.gain_usd))}</strong>: it {gate.wins ? 'wins' : 'does not win'}.
          </p>
        </>
      )}
    </Card>
  )
}

function Tools({ plan, outcome }: { plan: Plan; outcome: StepOutcome | null }) {
  return (
    <Card title="Tools" id="tools">
      {plan.tools.length === 0 ? <p class="quiet">None was shown to the model.</p> : <p>Shown: {plan.tools.join(', ')}</p>}
      {outcome === null || outcome.tool_calls.length === 0 ? null : (
        <>
          <h3>Called</h3>
          {outcome.tool_calls.map(({ name, arguments: given }, place) => (
            <Quoted key={place} label={`Arguments of ${name}`} text={visible(`${name} ${given}`)} />
          ))}
        </>
      )}
    </Card>
  )
}

function Guards({ plan, outcome }: { plan: Plan; outcome: StepOutcome | null }) {
  const headers = Object.keys(plan.headers)
  return (
    <Card title="Guards and limits" id="guards">
      {plan.guards.length === 0 ? <p class="quiet">The policy sets no guard.</p> : null}
      {plan.guards.map(({ guard, ...settings }) => (
        <Facts key={guard} of={[[guard, <code key={guard}>{JSON.stringify(settings)}</code>]]} />
      ))}
      {outcome?.redacted == null ? null : (
        <p>
          Placeholders went out in place of: <code>{JSON.stringify(outcome.redacted)}</code>
        </p>
      )}
      <Facts
        of={[
          ['Budget of a call', plan.budget.usd_per_call === null ? 'none' : usd(plan.budget.usd_per_call)],
          [
            'Budget of the day',
            plan.budget.usd_per_day === null ? 'none' : `${usd(plan.budget.spent_today_usd)} of ${usd(plan.budget.usd_per_day)} used then`,
          ],
          ...(headers.length === 0 ? [] : [['Headers set', headers.join(', ')] as const]),
        ]}
      />
    </Card>
  )
}

/** Each attempt on one clock: when it began, when its first content came, when it ended. */
function Attempts({ outcome }: { outcome: StepOutcome | null }) {
  const attempts = outcome?.attempts ?? []
  const start = Math.min(...attempts.map(({ startedAt }) => startedAt))
  const end = Math.max(...attempts.map(({ startedAt, durationMs }) => startedAt + durationMs), start + 1)
  const at = (moment: number) => ((moment - start) / (end - start)) * 100
  return (
    <Card title="Attempts" id="attempts">
      {attempts.length === 0 ? (
        <p class="quiet">No model was called.</p>
      ) : (
        <ol class="attempts">
          {attempts.map((one, place) => (
            <li key={place}>
              <p>
                <strong>{one.deployment}</strong> {ms(one.durationMs)}
                {one.firstContentMs === undefined ? '' : `, first content after ${ms(one.firstContentMs)}`}
                {one.costUsd === undefined ? '' : `, ${usd(one.costUsd)}`}{' '}
                {one.error === undefined ? <Tag kind="good">answered</Tag> : <Tag kind="bad">{one.error.kind.replaceAll('_', ' ')}</Tag>}
              </p>
              <svg class="span" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="bar-ground" width="100" height="6" rx="1" />
                <rect
                  class={one.error === undefined ? 'bar-value' : 'bar-bad'}
                  x={at(one.startedAt)}
                  width={Math.max(0.5, at(one.startedAt + one.durationMs) - at(one.startedAt))}
                  height="6"
                  rx="1"
                />
                {one.firstContentMs === undefined ? null : (
                  <rect class="bar-mark" x={at(one.startedAt + one.firstContentMs)} width="0.6" height="6" />
                )}
              </svg>
              {one.error === undefined ? null : <p class="quiet">{visible(one.error.message)}</p>}
            </li>
          ))}
        </ol>
      )}
      {outcome?.way == null ? null : (
        <p class="quiet">
          Several models came to it: <code>{JSON.stringify(outcome.way)}</code>
        </p>
      )}
    </Card>
  )
}

function Answer({ step }: { step: StepDetail }) {
  const { outcome } = step
  if (outcome === null)
    return (
      <Card title="Answer" id="answer">
        <p class="quiet">It was planned and never sent.</p>
      </Card>
    )
  return (
    <Card title="Answer" id="answer">
      {outcome.error === null ? null : <p class="failed">{visible(outcome.error)}</p>}
      {outcome.text === '' ? null : <Quoted label="What the model said, at most its first 2,000 characters" text={visible(outcome.text)} />}
      <Facts
        of={[
          ['Model', `${step.model ?? 'nobody'}${outcome.served_model === null ? '' : `, served as ${outcome.served_model}`}`],
          ['Ended with', outcome.finish_reason ?? '–'],
          [
            'Took',
            `${ms(step.latency_ms)}${outcome.first_content_ms === null ? '' : `, first content after ${ms(outcome.first_content_ms)}`}`,
          ],
          ['Cost', step.status === 'answered' ? usd(step.cost_usd) : '–'],
        ]}
      />
      <GroundingOf outcome={outcome} />
      {outcome.usage === null ? null : (
        <Facts
          of={[
            ['Input', count(outcome.usage.input)],
            ['Cache read', count(outcome.usage.cache_read)],
            ['Cache written', count(outcome.usage.cache_write)],
            ['Output', count(outcome.usage.output)],
          ]}
        />
      )}
    </Card>
  )
}

const ratings = [
  ['good', 'Good'],
  ['wrong', 'Wrong'],
  ['overkill', 'A cheaper model would have done'],
  ['failed', 'Failed'],
] as const

function Verdicts({ step, onRated }: { step: StepDetail; onRated: () => void }) {
  const action = useAction()
  const [said, setSaid] = useState('')
  const rate = (outcome: string) =>
    action.run(async () => {
      const { changed } = await post<{ changed: string }>(`steps/${encodeURIComponent(step.id)}/rating`, { outcome })
      setSaid(changed)
      onRated()
    })
  return (
    <Card title="Verdicts" id="verdicts">
      {step.verdicts.length === 0 ? <p class="quiet">Nobody has said how it turned out.</p> : null}
      <ul class="plain-list">
        {step.verdicts.map((one) => (
          <li key={`${one.at} ${one.outcome}`}>
            <Tag kind={one.outcome === 'good' ? 'good' : 'bad'}>{one.outcome}</Tag> by a {one.by}, {time(one.at)}
            {one.note === undefined ? '' : `: ${visible(one.note)}`}
          </li>
        ))}
      </ul>
      <fieldset class="actions" disabled={action.busy}>
        <legend>How did it turn out?</legend>
        {ratings.map(([outcome, words]) => (
          <button type="button" key={outcome} onClick={() => rate(outcome)}>
            {words}
          </button>
        ))}
      </fieldset>
      <p role="status">{said}</p>
      <Failure error={action.error} />
    </Card>
  )
}

function WhatIfCard({ step }: { step: StepDetail }) {
  const policies = useLoaded('policy', (signal) => get<PolicyState>('policy', signal))
  const action = useAction()
  const [found, setFound] = useState<WhatIf>()
  const plan = (name: string) =>
    action.run(async () => setFound(await post<WhatIf>(`steps/${encodeURIComponent(step.id)}/what-if`, { policy: { name } })))
  return (
    <Card title="What if" id="what-if">
      <Pending loaded={policies}>
        {({ name, shipped }) => (
          <form
            class="tools"
            onSubmit={(event) => {
              event.preventDefault()
              plan(String(new FormData(event.currentTarget).get('policy')))
            }}
          >
            <label for="other-policy">Under the policy</label>
            <select id="other-policy" name="policy">
              {[...new Set([...shipped.filter((one) => one !== name), name])].map((one) => (
                <option key={one} value={one}>
                  {one === name ? `${one} (served)` : one}
                </option>
              ))}
            </select>
            <button type="submit" disabled={action.busy}>
              Plan it again
            </button>
          </form>
        )}
      </Pending>
      <Failure error={action.error} />
      {found === undefined ? null : <Compared step={step} found={found} />}
    </Card>
  )
}

function Compared({ step, found }: { step: StepDetail; found: WhatIf }) {
  const { plan } = found
  const rows: [string, ComponentChildren, ComponentChildren][] = [
    ['Rule', step.plan.rule, plan.rule],
    ['Pool', step.plan.pool ?? 'nobody', plan.pool ?? 'nobody'],
    ['First model', step.plan.candidates[0]?.model ?? 'nobody', plan.candidates[0]?.model ?? 'nobody'],
    ['At most', usd(step.plan.candidates[0]?.est_cost_usd), usd(plan.candidates[0]?.est_cost_usd)],
    ['Rejected', count(step.plan.rejected.length), count(plan.rejected.length)],
  ]
  return (
    <div aria-live="polite">
      <Table label="As it was, and as it would be" head={['', `${step.plan.policy}, then`, `${found.policy}, now`]}>
        {rows.map(([name, before, after]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{before}</td>
            <td class={before === after ? undefined : 'changed'}>{after}</td>
          </tr>
        ))}
      </Table>
      <p class="quiet">{found.note} Nothing was sent.</p>
      <Quoted label="The plan in words" text={found.words.join('\n')} />
    </div>
  )
}

const verdicts = { grounded: 'good', partly: 'warn', ungrounded: 'bad', unscored: undefined } as const
const reasons = { exact: 'a number, date, code or name stands in no source', meaning: 'no source says this' } as const

/** What of the answer stands in what the step was given: each sentence that does not, as it is said. */
function GroundingOf({ outcome: { grounding, text } }: { outcome: NonNullable<StepDetail['outcome']> }) {
  if (grounding === null) return null
  const { verdict, claims, unborne, why, truncated } = grounding
  // Placeholders of what was kept from the record stand where something longer or shorter was said.
  const isThere = (end: number) => end <= text.length && !/\[[A-Z][A-Z_]*_\d+\]/.test(text.slice(0, end))
  const counted =
    claims === undefined
      ? (why ?? 'nobody could tell')
      : `${claims - unborne.length} of ${plural(claims, 'claim')} stand in what the step was given`
  return (
    <section class="grounding" aria-label="Grounding">
      <p>
        <Tag kind={verdicts[verdict]}>{verdict}</Tag> {visible(counted)}
        {truncated === true ? ', of those that were read' : ''}.
      </p>
      {unborne.length === 0 ? null : (
        <ul>
          {unborne.map(({ start, end, score, why: reason }) => (
            <li key={start}>
              {isThere(end) ? (
                <q>{visible(text.slice(start, end))}</q>
              ) : (
                <span>Characters {`${start} to ${end}`} of the answer, which are not kept as they were</span>
              )}{' '}
              <span class="quiet">
                {reasons[reason]} ({percent(score)} sure that one does)
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
