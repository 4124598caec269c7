import type { ThreadQuota } from '../memory/index.ts'
import type { Config } from './config/config.ts'

/** What each caller may keep in threads. */
export function quotaOf({ retention: { turns, megabytes, when_full: whenFull } }: Pick<Config, 'retention'>): ThreadQuota {
  return { turns, bytes: megabytes * 1e6, whenFull }
}
