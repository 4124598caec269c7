import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { descendantsOf, stillAlive } from '../test/support/product/processes.ts'
import { connect, createHome, hostedServer, program } from './speed/program.ts'

/*
 * Twenty hosted servers under one client, five of which crash, hang, lie, flood and change their definitions, for `--minutes` (10)
 * of `--calls` (10,000) evenly spread calls to the other fifteen. Says how many of those failed, and what is left of processes,
 * files and memory. Linux counts files and memory; elsewhere those lines are left out.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, calls: { type: 'string', default: '10000' } } })
const lastsMs = positive('minutes') * 60_000
const calls = positive('calls')

const unruly = fileURLToPath(new URL('../test/support/servers/unruly.ts', import.meta.url))
const goodServers = 15
const badCallEveryMs = 500
const inFlight = 8

/** What each bad server is, and what is asked of it. */
const bad: Record<string, { modes: readonly string[]; tools: readonly string[]; timeoutS: number }> = {
  crashes: { modes: [], tools: ['crash', 'echo'], timeoutS: 5 },
  hangs: { modes: [], tools: ['hang', 'echo'], timeoutS: 2 },
  lies: { modes: ['lies', 'bad-items', 'garbage'], tools: ['measure', 'echo'], timeoutS: 5 },
  floods: { modes: ['garbage', 'many'], tools: ['huge', 'noise'], timeoutS: 5 },
  changes: { modes: ['flips', 'tells'], tools: ['echo', 'count'], timeoutS: 5 },
}

const good = Array.from({ length: goodServers }, (_, index) => `good${index}`)
using home = createHome()
const config = home.configure({
  tools: {
    ...Object.fromEntries(good.map((name) => [name, { command: process.execPath, args: [hostedServer, '5'] }])),
    ...Object.fromEntries(
      Object.entries(bad).map(([name, { modes, timeoutS }]) => [
        name,
        { command: process.execPath, args: [unruly, ...modes], timeout_s: timeoutS },
      ]),
    ),
  },
})

const { client, pid, close } = await connect([program, '--config', config], home)
await untilGood(client)
const serving = await pidOfInstance(client)
const early = { processes: descendantsOf(pid).length, ...openOf(serving) }
const failures = new Map<string, number>()
const times: number[] = []
const badCalls = { answered: 0, refused: 0 }
let next = 0
let late: typeof early | undefined
const start = performance.now()
let ended = false

await Promise.all([...Array.from({ length: inFlight }, callGood), callBad(), ticking()])
const after = { processes: descendantsOf(pid).length, ...openOf(serving) }
const family = [pid, ...descendantsOf(pid)]
await close()
await wait(2000)
const left = stillAlive(family)

const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
const sorted = times.toSorted((a, b) => a - b)
const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
console.log(
  `Soak: ${calls} calls in ${((performance.now() - start) / 60_000).toFixed(1)} minutes to ${goodServers} good servers beside ${Object.keys(bad).length} bad ones`,
)
console.log(`failed calls to good servers: ${failed} (goal 0)${[...failures].map(([why, count]) => `\n  ${count} x ${why}`).join('')}`)
console.log(`time of a call to a good server: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(0.99999)} ms`)
console.log(`calls to bad servers: ${badCalls.answered} answered, ${badCalls.refused} failed, as they should`)
console.log(`processes below Signalbox: ${early.processes} at the start, ${late?.processes} in the middle, ${after.processes} at the end`)
if (process.platform === 'linux') {
  console.log(
    `open files and sockets of the instance: ${early.files} at the start, ${late?.files} in the middle, ${after.files} at the end`,
  )
  console.log(
    `resident memory of the instance: ${early.megabytes} MB at the start, ${late?.megabytes} MB in the middle, ${after.megabytes} MB at the end`,
  )
}
console.log(`processes left two seconds after the client has gone: ${left.length} (goal 0)`)
if (failed > 0 || left.length > 0) process.exitCode = 1

async function callGood(): Promise<void> {
  while (next < calls) {
    const number = next++
    await wait(Math.max(0, start + (number * lastsMs) / calls - performance.now()))
    const server = good[number % good.length]
    const sent = performance.now()
    const why = await failureOf({ name: `${server}_echo`, arguments: { text: `call ${number}` } }, `call ${number}`)
    times.push(performance.now() - sent)
    if (why !== undefined) failures.set(why, (failures.get(why) ?? 0) + 1)
  }
  ended = true
}

async function callBad(): Promise<void> {
  const all = Object.entries(bad).flatMap(([server, { tools }]) => tools.map((tool) => `${server}_${tool}`))
  const waiting: Promise<void>[] = []
  for (let number = 0; !ended; number += 1) {
    const name = all[number % all.length] ?? ''
    const call = failureOf({ name, arguments: {} }).then((why) => {
      if (why === undefined) badCalls.answered += 1
      else badCalls.refused += 1
    })
    waiting.push(call)
    await wait(badCallEveryMs)
  }
  await Promise.all(waiting)
}

async function ticking(): Promise<void> {
  while (!ended) {
    await wait(Math.min(60_000, lastsMs / 10))
    if (late === undefined && performance.now() - start > lastsMs / 2) late = { processes: descendantsOf(pid).length, ...openOf(serving) }
    process.stderr.write(`${next} calls, ${[...failures.values()].reduce((sum, count) => sum + count, 0)} failed\n`)
  }
}

/** Why a call is no success; `undefined` when it is one, and says `expected` where that is given. */
async function failureOf(args: { name: string; arguments: Record<string, unknown> }, expected?: string): Promise<string | undefined> {
  try {
    const { content, isError } = await client.callTool({ name: 'call_tool_write', arguments: args })
    const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    if (isError === true) return text.slice(0, 200)
    return expected === undefined || text === expected ? undefined : `answered ${text.slice(0, 100)}`
  } catch (error) {
    return String(error).slice(0, 200)
  }
}

async function untilGood(client: Client): Promise<void> {
  for (const name of good) {
    while ((await failureOf({ name: `${name}_echo`, arguments: { text: 'there' } }, 'there')) !== undefined) await wait(100)
  }
  // Not until a number that was read before: one of the bad servers keeps changing what it lists.
  for (let tools = await toolsOf(client); tools.embedded < tools.hosted; tools = await toolsOf(client)) await wait(100)
}

/** Behind the process of the client stands the one that hosts. */
async function pidOfInstance(client: Client): Promise<number> {
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
  return (structuredContent as { instance: { pid: number } }).instance.pid
}

async function toolsOf(client: Client): Promise<{ hosted: number; embedded: number }> {
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
  return (structuredContent as { tools: { hosted: number; embedded: number } }).tools
}

function openOf(process_: number): { files: number; megabytes: number } {
  if (process.platform !== 'linux') return { files: 0, megabytes: 0 }
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process_}/status`, 'utf8'))?.[1]
  return { files: readdirSync(`/proc/${process_}/fd`).length, megabytes: Math.round((Number(kilobytes) * 1024) / 1e6) }
}

function positive(option: 'minutes' | 'calls'): number {
  const value = Number(values[option])
  if (!(value > 0)) throw new RangeError(`--${option} must be a number above 0, received "${values[option]}"`)
  return value
}
