import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { get, login, post, whenSignedOut } from './api.ts'
import { type LiveState, useLive } from './live.ts'
import { linkTo, useRoute } from './route.ts'
import { inWords } from './use.ts'
import { ApprovalsView } from './views/approvals.tsx'
import { CommitmentsView } from './views/commitments.tsx'
import { FramesView } from './views/frames.tsx'
import { MemoryView } from './views/memory.tsx'
import { PolicyView } from './views/policy.tsx'
import { PoolsView } from './views/pools.tsx'
import { StartView } from './views/start.tsx'
import { StepView } from './views/step.tsx'
import { StepsView } from './views/steps.tsx'
import { ToolsView } from './views/tools.tsx'

const views: Readonly<Record<string, { title: string; show(live: LiveState, id: string | undefined): ComponentChildren }>> = {
  steps: { title: 'Steps', show: (live, id) => (id === undefined ? <StepsView live={live} /> : <StepView id={id} key={id} />) },
  approvals: { title: 'Approvals', show: (live) => <ApprovalsView approvals={live.approvals} /> },
  commitments: { title: 'Commitments', show: () => <CommitmentsView /> },
  pools: { title: 'Pools', show: () => <PoolsView /> },
  tools: { title: 'Tools', show: () => <ToolsView /> },
  memory: { title: 'Memory', show: (_live, id) => <MemoryView id={id} /> },
  frames: { title: 'Frames', show: (_live, id) => <FramesView id={id} /> },
  policy: { title: 'Policy', show: () => <PolicyView /> },
  start: { title: 'Start', show: () => <StartView /> },
}

type Session = 'unknown' | 'in' | 'out'

/** What the address brought: it is taken out of the bar and of the history before anything else happens. */
function takeSecret(): string | undefined {
  const secret = /^#login=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1]
  if (secret !== undefined) history.replaceState(null, '', location.pathname)
  return secret
}
const broughtSecret = takeSecret()

export function App() {
  const [session, setSession] = useState<Session>('unknown')
  const [reason, setReason] = useState<string>()
  useEffect(() => {
    whenSignedOut(() => setSession('out'))
    const enter = broughtSecret === undefined ? get('session') : login(broughtSecret)
    enter.then(
      () => setSession('in'),
      (error: unknown) => {
        if (broughtSecret !== undefined) setReason(inWords(error))
        setSession('out')
      },
    )
  }, [])
  if (session === 'unknown') return null
  return session === 'in' ? <Inside onLeave={() => setSession('out')} /> : <Outside reason={reason} onEnter={() => setSession('in')} />
}

function Outside({ reason, onEnter }: { reason: string | undefined; onEnter: () => void }) {
  const [said, setSaid] = useState(reason)
  const enter = (event: SubmitEvent) => {
    event.preventDefault()
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('token') as HTMLInputElement
    login(field.value.trim()).then(onEnter, (error: unknown) => setSaid(inWords(error)))
    field.value = ''
  }
  return (
    <main class="outside">
      <h1>Signalbox</h1>
      <p>
        This is the console of the person whose Signalbox it is. Run <code>signalbox console</code> on the machine where it runs: it opens
        this page with the token of the instance, or prints the address that does.
      </p>
      <form onSubmit={enter}>
        <label for="token">Token of the instance</label>
        <input id="token" name="token" type="password" autocomplete="off" required />
        <button type="submit">Log in</button>
      </form>
      {said === undefined ? null : (
        <p class="failed" role="alert">
          {said}
        </p>
      )}
    </main>
  )
}

function Inside({ onLeave }: { onLeave: () => void }) {
  const route = useRoute()
  const live = useLive()
  const name = views[route.view] === undefined ? 'steps' : route.view
  const view = views[name]
  useEffect(() => {
    document.title = `${view?.title ?? ''} · Signalbox`
    // Who reads with a screen reader or by keyboard begins at the new view.
    document.getElementById('view')?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [view])
  return (
    <div class="inside">
      <button type="button" class="skip" onClick={skip}>
        Skip to the view
      </button>
      <header class="top">
        <span class="brand">
          <Mark /> Signalbox
        </span>
        <nav aria-label="Views">
          {Object.entries(views).map(([key, { title }]) => (
            <a key={key} href={linkTo(key)} aria-current={key === name ? 'page' : undefined}>
              {title}
              {key === 'approvals' && live.approvals.length > 0 ? (
                <span class="badge">
                  {live.approvals.length}
                  <span class="unseen"> waiting</span>
                </span>
              ) : null}
            </a>
          ))}
        </nav>
        <span class="ends">
          <span class={`line-state ${live.connected ? 'on' : 'off'}`} role="status">
            {live.connected ? 'live' : 'not connected'}
          </span>
          <ThemeButton />
          <button type="button" class="plain" onClick={() => post('logout').then(onLeave, onLeave)}>
            Log out
          </button>
        </span>
      </header>
      <main id="view" tabIndex={-1}>
        <h1>{view?.title}</h1>
        {view?.show(live, route.id)}
      </main>
    </div>
  )
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 12 24" width="11" height="22" aria-hidden="true">
      <rect width="12" height="24" rx="6" />
      <circle class="stop" cx="6" cy="7" r="4" />
      <circle class="go" cx="6" cy="17" r="4" />
    </svg>
  )
}

/** The address is the place of the view: a plain link would lose it. */
function skip(): void {
  document.getElementById('view')?.focus()
}

const themes = ['auto', 'light', 'dark'] as const
type Theme = (typeof themes)[number]

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => themes.find((one) => one === localStorage.getItem('theme')) ?? 'auto')
  useEffect(() => {
    localStorage.setItem('theme', theme)
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto'
  return (
    <button type="button" class="plain" aria-label={`Colours: ${theme}. Change to ${next}`} onClick={() => setTheme(next)}>
      {theme}
    </button>
  )
}
