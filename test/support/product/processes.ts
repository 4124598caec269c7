import { execFileSync } from 'node:child_process'

interface Row {
  readonly pid: number
  readonly parent: number
}

/** All processes that live. One that has ended and waits to be collected does not. Not on Windows, which has no `ps`. */
function living(): Row[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/)
      return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent) }]
    })
}

/** Whoever this process has started, and whoever they have. */
export function descendantsOf(pid: number): number[] {
  const rows = living()
  const below = (one: number): number[] => rows.filter(({ parent }) => parent === one).flatMap((row) => [row.pid, ...below(row.pid)])
  return below(pid)
}

export function stillAlive(pids: readonly number[]): number[] {
  return living()
    .map(({ pid }) => pid)
    .filter((pid) => pids.includes(pid))
}
