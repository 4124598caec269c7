import type { CacheLifetime } from '../message.ts'
import { type Fields, fieldsAt, isAbsent, mismatch } from './fields.ts'

/** `cache_control`, as the part of it that is there: five minutes unless it says an hour. */
export function cacheMark(block: Fields, field: string): { cacheBreakpoint?: CacheLifetime } {
  const mark = block['cache_control']
  if (isAbsent(mark)) return {}
  const { ttl } = fieldsAt(mark, `${field}.cache_control`)
  if (isAbsent(ttl) || ttl === '5m') return { cacheBreakpoint: '5m' }
  if (ttl === '1h') return { cacheBreakpoint: '1h' }
  throw mismatch(`${field}.cache_control.ttl`, '5m or 1h', ttl)
}
