import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** The space in which new objects are made. With much less of it, what requests leave behind lives long enough to be kept. */
const newSpaceBytes = 8 * 1024 * 1024
const lookMs = 100

/**
 * Keeps the engine from growing its heap for the sake of speed: bodies of agents are large, and by itself it lets some 400 MB of
 * them lie around. It collects when the heap has grown by a fifth of what lives, and its space for new objects doubles no more
 * once it has 8 MiB (`bench gateway --only=memory`). The space is looked at again and again, since the engine shrinks it when idle.
 *
 * @returns what ends the watching; it keeps no process from ending.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--heap-growing-percent=20')
  let mayGrow = true
  const timer = setInterval(() => {
    const size = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
    if (mayGrow === size < newSpaceBytes) return
    mayGrow = !mayGrow
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
