import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from './api.ts'

export interface Loaded<T> {
  readonly data: T | undefined
  readonly error: string | undefined
  /** Asks again; what is shown stays until the answer is there. */
  reload(): void
}

/** What a view asks for when it opens, and again when its key changes. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: string }>({ key })
  const [turn, setTurn] = useState(0)
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    const controller = new AbortController()
    latest.current(controller.signal).then(
      (data) => setState({ key, data }),
      (error: unknown) => {
        if (!controller.signal.aborted) setState((before) => ({ ...(before.key === key && before), key, error: inWords(error) }))
      },
    )
    return () => controller.abort()
  }, [key, turn])
  const reload = useCallback(() => setTurn((before) => before + 1), [])
  const own = state.key === key
  return { data: own ? state.data : undefined, error: own ? state.error : undefined, reload }
}

/** One thing that the person asked for: whether it runs, and how it failed. */
export function useAction(): { busy: boolean; error: string | undefined; run(work: () => Promise<void>): Promise<void> } {
  const [state, setState] = useState<{ busy: boolean; error?: string }>({ busy: false })
  const run = useCallback(async (work: () => Promise<void>) => {
    setState({ busy: true })
    try {
      await work()
      setState({ busy: false })
    } catch (error) {
      setState({ busy: false, error: inWords(error) })
    }
  }, [])
  return { busy: state.busy, error: state.error, run }
}

export function inWords(error: unknown): string {
  return error instanceof ApiError || error instanceof Error ? error.message : String(error)
}
