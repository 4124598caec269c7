import { spawn } from 'node:child_process'

const windows = process.platform === 'win32'

/**
 * Signals a server with all that it started. On POSIX each server leads a process group of its own; on Windows the tree is
 * walked by `taskkill`, which knows no gentle way for a process without a window.
 *
 * @returns Whether there was anything left to signal.
 */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (windows) {
    if (signal === 'SIGKILL')
      spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => undefined)
    return true
  }
  return signalled(() => process.kill(-pid, signal))
}

/** Whether any process of the group is left. On Windows only the leader is known. */
export function isGroupAlive(pid: number): boolean {
  return signalled(() => process.kill(windows ? pid : -pid, 0))
}

function signalled(kill: () => void): boolean {
  try {
    kill()
    return true
  } catch (error) {
    // EPERM: it is there, but not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
