import { type ChildProcess, spawn } from 'node:child_process'
import type { Log } from '../log.ts'

/**
 * Kills the servers when we cannot: after `kill -9`, a crash or an exit that closed nothing.
 *
 * A small process of its own holds the end of a pipe to us and a list of the servers' process groups. When the pipe closes,
 * however that came about, it ends what is still on the list.
 */
export interface Reaper {
  /** At once after the server was started: what is not on the list when we die is not found. */
  add(pid: number): void
  remove(pid: number): void
  /** Ends the reaper and, with it, whatever is still on its list. */
  close(): void
}

// A shell needs a thirtieth of the memory of another node. It ignores the signals that a terminal sends to all.
const posixScript = `
trap '' HUP INT TERM QUIT
pids=' '
while read -r what pid; do
  case $what in
    add) pids="$pids$pid " ;;
    remove)
      rest=' '
      for other in $pids; do [ "$other" = "$pid" ] || rest="$rest$other "; done
      pids=$rest
      ;;
  esac
done
for pid in $pids; do kill -TERM "-$pid"; done 2>/dev/null
[ "$pids" = ' ' ] || sleep 1
for pid in $pids; do kill -KILL "-$pid"; done 2>/dev/null
`

const windowsScript = `
const pids = new Set()
const { spawnSync } = require('node:child_process')
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => { const [what, pid] = line.split(' '); what === 'add' ? pids.add(pid) : pids.delete(pid) })
  .on('close', () => { for (const pid of pids) spawnSync('taskkill', ['/PID', pid, '/T', '/F'], { stdio: 'ignore', windowsHide: true }) })
`

export function createReaper({ log }: { log: Log }): Reaper {
  const listed = new Set<number>()
  let child: ChildProcess | undefined

  /** One is started with the first server, and again with the next when somebody ended it. */
  function start(): void {
    if (child) return
    const started =
      process.platform === 'win32'
        ? spawn(process.execPath, ['--max-old-space-size=8', '-e', windowsScript], {
            stdio: ['pipe', 'ignore', 'ignore'],
            detached: true,
            windowsHide: true,
          })
        : spawn('/bin/sh', ['-c', posixScript], {
            stdio: ['pipe', 'ignore', 'ignore'],
            detached: true,
            cwd: '/',
            env: { PATH: '/usr/bin:/bin' },
          })
    const lost = (error?: Error) => {
      if (child !== started) return
      child = undefined
      log.warn('The process that ends hosted servers after a crash has gone: the next server starts another', { error })
    }
    started.on('error', lost)
    started.on('exit', () => lost())
    started.stdin?.on('error', () => undefined)
    started.unref()
    ;(started.stdin as unknown as { unref?: () => void } | null)?.unref?.()
    child = started
    for (const pid of listed) tell('add', pid)
  }

  function tell(what: 'add' | 'remove', pid: number): void {
    child?.stdin?.write(`${what} ${pid}\n`)
  }

  return {
    add(pid) {
      start()
      listed.add(pid)
      tell('add', pid)
    },
    remove(pid) {
      if (listed.delete(pid)) tell('remove', pid)
    },
    close() {
      const ending = child
      child = undefined
      ending?.stdin?.end()
    },
  }
}
