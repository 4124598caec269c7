import { useEffect, useState } from 'preact/hooks'

/** Where the reader is: behind the `#`, so that the server is asked for one page only. */
export interface Route {
  readonly view: string
  readonly id: string | undefined
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = () => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  const [view = '', id] = hash.replace(/^#\/?/, '').split('/')
  return { view, id: id === undefined || id === '' ? undefined : decodeURIComponent(id) }
}

export function linkTo(view: string, id?: string): string {
  return `#/${view}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
}
