import { useState } from 'preact/hooks'
import type { CommitmentView } from '../../src/console/wire.ts'
import { get, post } from '../api.ts'
import { caller, visible } from '../format.ts'
import { Card, Facts, Failure, Pending, Quoted, Sure } from '../parts.tsx'
import { useAction, useLoaded } from '../use.ts'

/** Boundaries of all callers: what a person said that sounds like one, and what binds. */
export function CommitmentsView() {
  const loaded = useLoaded('commitments', (signal) => get<{ commitments: readonly CommitmentView[] }>('commitments', signal))
  const [said, setSaid] = useState('')
  const onChanged = (text: string) => {
    setSaid(text)
    loaded.reload()
  }
  return (
    <>
      <p>
        What was laid down holds over what the policy allows, until it ends or is lifted here or by <code>signalbox commitments</code>. What
        somebody said binds nobody before it is accepted.
      </p>
      <p role="status">{said}</p>
      <Pending loaded={loaded}>
        {({ commitments }) =>
          commitments.length === 0 ? (
            <p class="empty">Nothing was laid down.</p>
          ) : (
            commitments.map((one) => <Commitment key={one.id} commitment={one} onChanged={onChanged} />)
          )
        }
      </Pending>
    </>
  )
}

const origins = { owner: 'the owner', caller: 'the caller', heard: 'heard in a conversation' } as const

function Commitment({ commitment, onChanged }: { commitment: CommitmentView; onChanged: (text: string) => void }) {
  const { id, binds, state, by, text, deeds, objects, tools, sites, expires_at: until } = commitment
  const action = useAction()
  const [asked, setAsked] = useState(false)
  const change = (verb: 'accept' | 'lift') =>
    action.run(async () => {
      await post(`commitments/${encodeURIComponent(id)}`, { do: verb })
      onChanged(verb === 'accept' ? `Binds now: ${visible(text)}` : `Lifted: ${visible(text)}`)
    })
  const whom = binds === 'everyone' ? 'everyone' : caller(binds)
  return (
    <Card
      title={state === 'active' ? `Binds ${whom}` : `Said by ${whom}, binds nobody`}
      id={`commitment-${id}`}
      aside={<span class="quiet">until {new Date(until).toLocaleString()}</span>}
    >
      <Quoted label="In words" text={visible(text)} />
      <Facts
        of={[
          ['Laid down by', origins[by]],
          ['Read as', deeds.length === 0 ? '–' : `${deeds.join(', ')}${objects.length === 0 ? '' : `, on ${objects.join(', ')}`}`],
          ...(tools.length === 0 ? [] : ([['Tools', tools.join(', ')]] as const)),
          ...(sites.length === 0 ? [] : ([['Sites', sites.join(', ')]] as const)),
        ]}
      />
      <p class="actions">
        {state === 'proposed' ? (
          <button type="button" disabled={action.busy} onClick={() => change('accept')}>
            Accept
          </button>
        ) : null}
        {asked ? (
          <Sure question={state === 'active' ? 'What it forbids is allowed again.' : 'It is gone then.'}>
            <button type="button" class="danger" disabled={action.busy} onClick={() => change('lift')}>
              Lift for good
            </button>
            <button type="button" onClick={() => setAsked(false)}>
              Keep
            </button>
          </Sure>
        ) : (
          <button type="button" onClick={() => setAsked(true)}>
            Lift
          </button>
        )}
      </p>
      <Failure error={action.error} />
    </Card>
  )
}
