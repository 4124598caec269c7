import { useEffect, useState } from 'preact/hooks'
import type { LiveEvent, StepSummary, WaitingApproval } from '../src/console/wire.ts'

export interface LiveState {
  /** Newest first: what came since the page was opened, and what was changed of it. */
  readonly steps: readonly StepSummary[]
  readonly approvals: readonly WaitingApproval[]
  readonly connected: boolean
}

type Told<Name extends LiveEvent['event']> = Omit<Extract<LiveEvent, { event: Name }>, 'event'>

const kept = 1000

/** One stream for all views. The browser opens it again by itself when it breaks. */
export function useLive(): LiveState {
  const [state, setState] = useState<LiveState>({ steps: [], approvals: [], connected: false })
  useEffect(() => {
    const source = new EventSource('/console/api/events')
    const on = <Name extends LiveEvent['event']>(name: Name, take: (before: LiveState, told: Told<Name>) => LiveState) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        const told = JSON.parse(data) as Told<Name>
        setState((before) => take(before, told))
      })
    on('steps', (before, { steps }) => ({ ...before, steps: mergeSteps(before.steps, steps) }))
    on('approvals', (before, { approvals }) => ({ ...before, approvals }))
    source.onopen = () => setState((before) => ({ ...before, connected: true }))
    source.onerror = () => setState((before) => ({ ...before, connected: false }))
    return () => source.close()
  }, [])
  return state
}

/** By id, the later one counts; newest first. */
export function mergeSteps(before: readonly StepSummary[], more: readonly StepSummary[]): StepSummary[] {
  const all = new Map(before.map((step) => [step.id, step]))
  for (const step of more) if ((all.get(step.id)?.updated_at ?? 0) <= step.updated_at) all.set(step.id, step)
  return [...all.values()].toSorted((one, other) => other.at - one.at).slice(0, kept)
}
