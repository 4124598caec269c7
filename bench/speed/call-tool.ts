import type { Client } from '@modelcontextprotocol/client'
import { type Figure, type MeasureOptions, median, ofRounds, quantile, timesOf } from './figure.ts'
import { bareProxy, connect, createHome, hostedServer, hosting, program } from './program.ts'

const callsPerRound = 300
const warmUp = 200

/** What `call_tool` adds to a call of the same server by the same client. Rounds of both, and of a bare proxy, take turns. */
export async function measureCallTool({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  using home = createHome()
  const config = home.configure({ tools: hosting(1) })
  const direct = await connect([hostedServer], home)
  const proxy = await connect([bareProxy, hostedServer], home)
  const box = await connect([program, '--config', config], home)
  const ways = {
    direct: (text: string) => expectEcho(direct.client, 'echo', { text }, text),
    proxy: (text: string) => expectEcho(proxy.client, 'echo', { text }, text),
    box: (text: string) => expectEcho(box.client, 'call_tool', { name: 'bench_echo', arguments: { text } }, text),
  }
  type Way = keyof typeof ways
  const names = Object.keys(ways) as Way[]
  const rows: Record<Way, number[][]> = { direct: [], proxy: [], box: [] }
  let number = 0
  const texts = (count: number) => Array.from({ length: count }, () => `call ${number++}`)
  try {
    await waitForServer(box.client)
    for (const name of names) await timesOf(texts(warmUp), ways[name])
    for (let round = 1; round <= rounds; round += 1) {
      progress(`call_tool: round ${round} of ${rounds}`)
      for (const name of names) rows[name].push(await timesOf(texts(callsPerRound), ways[name]))
    }
  } finally {
    await Promise.all([direct.close(), proxy.close(), box.close()])
  }
  const added = (way: Way, share: number) =>
    rows[way].map((times, round) => quantile(times, share) - quantile(rows.direct[round] ?? [], share))
  const whole = (way: Way) => median(rows[way].map((times) => median(times))).toFixed(2)
  return [
    {
      what: 'call_tool added over calling the server directly, p50',
      unit: 'ms',
      atMost: 1,
      ...ofRounds(added('box', 0.5)),
      floor: { what: 'bare proxy of the SDK', measured: median(added('proxy', 0.5)) },
      note: `the whole call takes ${whole('direct')} ms directly, ${whole('proxy')} through the bare proxy, ${whole('box')} through Signalbox`,
    },
    {
      what: 'call_tool added over calling the server directly, p99',
      unit: 'ms',
      ...ofRounds(added('box', 0.99)),
      floor: { what: 'bare proxy of the SDK', measured: median(added('proxy', 0.99)) },
    },
  ]
}

async function waitForServer(client: Client): Promise<void> {
  for (;;) {
    const { isError } = await client.callTool({ name: 'call_tool', arguments: { name: 'bench_echo', arguments: { text: 'there?' } } })
    if (isError !== true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function expectEcho(client: Client, name: string, args: Record<string, unknown>, text: string): Promise<void> {
  const { content } = await client.callTool({ name, arguments: args })
  const [block] = content
  if (block?.type !== 'text' || block.text !== text) throw new Error(`${name} must echo "${text}", received ${JSON.stringify(content)}`)
}
