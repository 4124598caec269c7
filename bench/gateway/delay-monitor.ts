import { monitorEventLoopDelay } from 'node:perf_hooks'

/*
 * Loaded before Signalbox by `--import`, into the same process: a message by the bench is answered with how late its event loop
 * was since the last one. It keeps no process alive.
 */
export interface EventLoopDelay {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

const histogram = monitorEventLoopDelay({ resolution: 10 })
histogram.enable()
process.on('message', () => {
  const ms = (nanoseconds: number) => nanoseconds / 1e6
  process.send?.({ p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), most: ms(histogram.max) } satisfies EventLoopDelay)
  histogram.reset()
})
process.channel?.unref()
