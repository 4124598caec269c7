import type { Log, ProcessLog } from '../log.ts'

export interface SharedLog extends ProcessLog {
  /** From now on this log gets each entry as well; returns the way to stop. */
  add(log: ProcessLog): () => void
}

/** One log for what clients share: each hears it in the way that it asked for. */
export function createSharedLog(first: ProcessLog): SharedLog {
  const logs = new Set([first])
  const hidden = new Set<string>()
  const write =
    (level: keyof Log) =>
    (...entry: Parameters<Log['info']>) => {
      for (const log of logs) log[level](...entry)
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    hide(secrets) {
      for (const secret of secrets) hidden.add(secret)
      for (const log of logs) log.hide(secrets)
    },
    add(log) {
      log.hide([...hidden])
      logs.add(log)
      return () => logs.delete(log)
    },
  }
}
