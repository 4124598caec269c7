import { useEffect, useState } from 'preact/hooks'
import type { WaitingApproval } from '../../src/console/wire.ts'
import { post } from '../api.ts'
import { caller, visible } from '../format.ts'
import { Card, Failure, Quoted } from '../parts.tsx'
import { useAction } from '../use.ts'

export function ApprovalsView({ approvals }: { approvals: readonly WaitingApproval[] }) {
  const [decided, setDecided] = useState<Readonly<Record<string, string>>>({})
  const waiting = approvals.filter(({ id }) => decided[id] === undefined)
  const last = Object.values(decided).at(-1)
  return (
    <>
      <p>
        What an agent may not do without a person waits here, in the client that asked, and under <code>signalbox approvals</code>: the
        first door that is used counts. It is good for one run, with exactly these values.
      </p>
      <p role="status">{last}</p>
      {waiting.length === 0 ? <p class="empty">Nothing waits for you.</p> : null}
      {waiting.map((one) => (
        <Waiting key={one.id} approval={one} onDecided={(text) => setDecided((before) => ({ ...before, [one.id]: text }))} />
      ))}
    </>
  )
}

function Waiting({ approval, onDecided }: { approval: WaitingApproval; onDecided: (text: string) => void }) {
  const action = useAction()
  const left = useSecondsTo(approval.expires_at)
  const decide = (verdict: 'accepted' | 'denied') =>
    action.run(async () => {
      await post(`approvals/${encodeURIComponent(approval.id)}`, { verdict })
      onDecided(verdict === 'accepted' ? `Accepted: ${approval.tool} runs once.` : `Denied: ${approval.tool} does not run.`)
    })
  return (
    <Card title={approval.tool} id={`approval-${approval.id}`} aside={<span class="quiet">{left > 0 ? `${left} s left` : 'expired'}</span>}>
      <p class="quiet">Asked for by {caller(approval.principal)}</p>
      <Quoted label="What would be done" text={visible(approval.effect)} />
      <p class="actions">
        <button type="button" disabled={action.busy || left <= 0} onClick={() => decide('accepted')}>
          Accept once
        </button>
        <button type="button" class="danger" disabled={action.busy || left <= 0} onClick={() => decide('denied')}>
          Deny
        </button>
      </p>
      <Failure error={action.error} />
    </Card>
  )
}

function useSecondsTo(at: number): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, Math.ceil((at - now) / 1000))
}
