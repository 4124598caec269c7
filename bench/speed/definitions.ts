import type { Figure, MeasureOptions } from './figure.ts'
import { connect, createHome, hosting, program, untilIndexed } from './program.ts'

/** A low estimate of the bytes that a token of JSON Schema with English in it takes, so that the tokens are not too few. */
const bytesPerToken = 3.6

const pools = ['quick', 'deep', 'private', 'screen']
/** Longer than what is shown of it. */
const purpose =
  'hard reasoning, architecture, long refactors, reviews of what others wrote, and whatever else a person may write here at length'
const servers = ['mail', 'calendar', 'tracker', 'storage']

/** What `tools/list` costs a model in every request, with three exposed pools and with one more, behind it four servers of 100 tools. */
export async function measureDefinitions({ progress }: MeasureOptions): Promise<Figure[]> {
  progress('definitions')
  const three = await definitions(3)
  const four = await definitions(4)
  const largest = three.tools.toSorted((left, right) => right.tokens - left.tokens).slice(0, 3)
  return [
    {
      what: 'all definitions of tools/list, three exposed pools',
      unit: 'tokens',
      atMost: 4000,
      measured: three.tokens,
      note: `${three.tools.length} tools, ${three.bytes} bytes of name, description and both schemas, counted as ${bytesPerToken} bytes a token; the largest are ${largest.map(({ name, tokens }) => `${name} ${tokens}`).join(', ')}`,
    },
    { what: 'each further exposed pool', unit: 'tokens', atMost: 120, measured: four.tokens - three.tokens },
  ]
}

async function definitions(count: number) {
  using home = createHome()
  const exposed = pools.slice(0, count)
  const config = home.configure({
    providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
    pools: Object.fromEntries(exposed.map((name) => [name, { models: ['local/small'], for: purpose, expose: true }])),
    tools: Object.fromEntries(servers.map((name) => [name, hosting(100)['bench']])),
  })
  // What is said of the servers comes from what the last run learnt.
  const first = await connect([program, '--config', config], home)
  await untilIndexed(first.client, servers.length * 100)
  await first.close()
  const { client, close } = await connect([program, '--config', config], home)
  try {
    const { tools } = await client.listTools()
    const asked = exposed.filter((pool) => tools.some(({ name }) => name === `ask_${pool}`))
    if (asked.length !== count) throw new Error(`tools/list must have ${count} exposed pools, it has ${asked.length}`)
    const sizes = tools.map(({ name, description, inputSchema, outputSchema }) => ({
      name,
      bytes: Buffer.byteLength(JSON.stringify({ name, description, inputSchema, outputSchema })),
    }))
    const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0)
    return {
      bytes,
      tokens: Math.ceil(bytes / bytesPerToken),
      tools: sizes.map((one) => ({ name: one.name, tokens: Math.ceil(one.bytes / bytesPerToken) })),
    }
  } finally {
    await close()
  }
}
