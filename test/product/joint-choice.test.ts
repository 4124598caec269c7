import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { connectClient } from '../support/mcp-clients.ts'
import { createHome } from '../support/product/home.ts'
import { runCommand, stdioTarget } from '../support/product/program.ts'
import { published } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { startScriptedProvider } from '../support/scripted-provider/index.ts'

/** Tools and model are chosen together: the dear model until the cheap one has shown that it can use the tool, then the cheap one. */
test('ask and plan_step with use_tools take the cheapest model that is known to succeed with the fitting tools', {
  timeout: 180_000,
}, async () => {
  const cloud = await startScriptedProvider()
  const provider = (input: number) => ({
    kind: 'openai',
    base_url: cloud.openaiUrl,
    api_key: 'sk-test-0123456789',
    price: { input, output: input },
  })
  const home = createHome((one) => ({
    providers: { cheap: provider(0.1), dear: provider(10) },
    pools: { quick: { models: ['dear/large', 'cheap/small'] } },
    tools: { files: published('filesystem', one.files) },
    policy: './own.policy.yaml',
  }))
  writeFileSync(join(home.root, 'own.policy.yaml'), stringify({ name: 'own', default: { prefer: 'first', selector: 'joint' } }))
  const path = home.write('notes.txt', 'The ferry leaves at nine')
  cloud.answer(({ toolResults: [result] }) =>
    result === undefined ? { toolCalls: [{ name: 'files_read_text_file', input: { path } }] } : { text: `It says: ${result.text}` },
  )
  const prompt = 'Read the complete contents of the text file notes.txt'
  const client = await connectClient('v1', stdioTarget(home))
  const call = async (name: string, args: object) => {
    const result = await client.callTool({ name, arguments: args as Record<string, unknown> })
    return result.structuredContent as Record<string, unknown>
  }
  try {
    await until(
      async () => ((await call('find_tools', { names: ['files_read_text_file'] }))['tools'] as unknown[]).length === 1,
      'the server is there',
    )

    const before = await call('plan_step', { prompt, use_tools: true })
    for (let index = 0; index < 6; index += 1) {
      expect(await call('ask', { prompt, use_tools: true, model: 'cheap/small' })).toMatchObject({
        text: 'It says: The ferry leaves at nine',
      })
    }
    const after = await call('plan_step', { prompt, use_tools: true })
    const asked = await call('ask', { prompt, use_tools: true })
    await call('rate', { decision: asked['decision'], outcome: 'good' })
    const status = await call('status', {})

    expect(before['tools']).toContain('files_read_text_file')
    expect(before).toMatchObject({ selector: 'joint', candidates: [{ model: 'dear/large' }, { model: 'cheap/small' }] })
    expect(before['selection']).toMatchObject({ note: expect.stringContaining('0.90 of 0.7 by its price alone') })
    expect(after).toMatchObject({ candidates: [{ model: 'cheap/small' }, { model: 'dear/large' }] })
    expect(after['selection']).toMatchObject({
      note: 'cheap/small is the cheapest that suffices: 0.75 of 0.7 by 6 verdicts on files_read_text_file',
    })
    expect(asked).toMatchObject({ model: 'cheap/small', cost_usd: expect.any(Number) })
    expect(status['routing']).toMatchObject({
      reputation: expect.arrayContaining([
        expect.objectContaining({ model: 'cheap/small', tool: 'files_read_text_file', good: 7, bad: 0 }),
      ]),
    })
  } finally {
    await client.close()
  }

  try {
    const shown = await runCommand(home, ['outcomes', 'show'])
    expect(shown.out).toMatch(/cheap\/small +tool files_read_text_file +7\.0 +0\.0/)
    const exported = await runCommand(home, ['outcomes', 'export'])
    expect(
      exported.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toContainEqual(expect.objectContaining({ sign: 'tool_ok', source: 'harness', tool: 'files_read_text_file' }))
    expect(exported.out).not.toContain('ferry')
  } finally {
    home.remove()
    await cloud.close()
  }
})
