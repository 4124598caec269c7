import type { Figure, MeasureOptions } from './figure.ts'
import { connect, createHome, program } from './program.ts'

/** A low estimate of the bytes that a token of JSON Schema with English in it takes, so that the tokens are not too few. */
const bytesPerToken = 3.6

const purposes = {
  quick: 'short answers, rewording, extraction and classification, at the least cost',
  deep: 'hard reasoning, architecture, long refactors and reviews of what others wrote',
  private: 'what must not leave this machine: personal data, secrets, contracts',
  screen: 'screenshots, and the next action of a browser or a desktop that is driven',
}
const unnamed = Object.keys(purposes)

/** What `tools/list` costs a model in every request, with three exposed pools and with one more. */
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

async function definitions(pools: number) {
  using home = createHome()
  const config = home.configure({
    providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
    pools: Object.fromEntries(
      Object.entries(purposes)
        .slice(0, pools)
        .map(([name, purpose]) => [name, { models: ['local/small'], for: purpose, expose: true }]),
    ),
  })
  const { client, close } = await connect([program, '--config', config], home)
  try {
    const { tools } = await client.listTools()
    const asked = unnamed.slice(0, pools).filter((pool) => tools.some(({ name }) => name === `ask_${pool}`))
    if (asked.length !== pools) throw new Error(`tools/list must have ${pools} exposed pools, it has ${asked.length}`)
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
