import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient, sdks } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** What comes back fits its client, says where the rest is, and is what was declared. */

type Result = Awaited<ReturnType<AnyClient['callTool']>>

const limit = 1_000_000
let cloud: ScriptedProvider
let home: Home
let http: HttpHere
let client: AnyClient
let photo: string

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome((one) => ({
    tools: {
      files: published('filesystem', one.files),
      shown: { ...published('filesystem', one.files), expose: 'direct' },
      everything: { ...published('everything'), read_only: true },
    },
    providers: scriptedProvider(cloud),
    pools: { cloud: { models: ['scripted/large'], expose: true }, eyes: { models: ['scripted/eyes'], modalities: ['text', 'image'] } },
  }))
  const [width, height] = [1400, 1250]
  const noise = sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
  photo = home.write('photo.png', await noise.png({ compressionLevel: 0 }).toBuffer())
  http = await serveHere(home)
  client = await connectClient('v2 modern', { url: http.mcp })
  // The client would take a list for fresh for as long as that says.
  await until(async () => {
    const { result } = await answerOf(await modernRequest(http.mcp, 'tools/list'))
    return result.tools.some(({ name }) => name === 'shown_read_media_file')
  }, 'the direct server is listed')
  await until(async () => {
    const found = await client.callTool({ name: 'find_tools', arguments: { names: ['files_read_file', 'everything_echo'] } })
    return (found.structuredContent as { tools: unknown[] }).tools.length === 2
  }, 'the others are there')
}, 60_000)

afterAll(async () => {
  await client?.close()
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args })

test('wrong arguments come back with place, rule and an example that runs; a clear slip is mended and said', async () => {
  const refused = await call('call_tool', { name: 'everything_get-sum', arguments: { a: 'two', b: 3 } })
  const text = JSON.stringify(refused.content)
  const example = JSON.parse(
    /Arguments that would be valid: (\{.*?\})/.exec((refused.content as { text: string }[])[0]?.text ?? '')?.[1] ?? '',
  )
  const again = await call('call_tool', { name: 'everything_get-sum', arguments: example })
  const mended = await call('call_tool', { name: 'everything_get-sum', arguments: { parameters: { A: '2', b: 3 } } })

  expect(refused.isError).toBe(true)
  expect(text).toContain('arguments/a must be a number, received \\"two\\"')
  expect(example).toEqual({ a: 1, b: 3 })
  expect(again.isError).not.toBe(true)
  expect(JSON.stringify(mended.content)).toMatch(
    /sum of 2 and 3 is 5.*\[warning: the arguments were mended before the call: .*\\"A\\" was taken as \\"a\\"/,
  )
})
const callHosted = (name: string, args: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  call('call_tool', { name, arguments: args, ...more })
const textOf = ({ content }: Result) => content.map((block) => block.text ?? '').join('\n')

test('an image of 5 MB is made to fit, and its original is a resource', async () => {
  const original = readFileSync(photo)
  expect(original.length).toBeGreaterThan(5_000_000)

  const result = await callHosted('files_read_media_file', { path: photo })

  expect(result.isError ?? false, textOf(result)).toBe(false)
  expect(JSON.stringify(result).length).toBeLessThan(limit * 1.01)
  const image = result.content.find(({ type }) => type === 'image') as unknown as { data: string; mimeType: string }
  const facts = await sharp(Buffer.from(image.data, 'base64')).metadata()
  expect(`image/${facts.format}`).toBe(image.mimeType)
  expect(Math.max(facts.width, facts.height)).toBeLessThanOrEqual(2000)
  expect(facts.width / facts.height).toBeCloseTo(1400 / 1250, 1)
  expect(textOf(result)).toMatch(/resized from 1400x1250 to \d+x\d+; the original is signalbox:\/\/frame\/fr_[0-9a-f]{32}/)
  expect(textOf(result)).not.toMatch(/\[cut/)
  const uri = /signalbox:\/\/frame\/fr_[0-9a-f]{32}/.exec(textOf(result))?.[0] ?? ''
  const { contents } = (await client.raw.readResource({ uri })) as { contents: { blob?: string; mimeType?: string }[] }
  expect(contents[0]?.mimeType).toBe('image/png')
  expect(Buffer.from(contents[0]?.blob ?? '', 'base64').equals(original)).toBe(true)
})

test('a page that is too tall for one picture comes in parts, which say where they stand', async () => {
  const page = await sharp({ create: { width: 800, height: 9000, channels: 3, background: '#d8e4ee' } })
    .png()
    .toBuffer()
  const fitted = await call('fit_image', { image: `data:image/png;base64,${page.toString('base64')}`, target: 'claude-desktop' })
  const about = JSON.parse(textOf(fitted)) as {
    source: object
    parts: { top: number; scale: { y: number }; height: number }[]
    tokens: number
  }

  expect(about).toMatchObject({ source: { width: 800, height: 9000 }, redacted: false })
  expect(fitted.content.filter(({ type }) => type === 'image')).toHaveLength(about.parts.length)
  const [first, last] = [about.parts[0], about.parts.at(-1)]
  expect(first).toMatchObject({ left: 0, top: 0 })
  expect((last?.top ?? 0) + (last?.height ?? 0) * (last?.scale.y ?? 0)).toBeCloseTo(9000, 0)
})

test.each(sdks)('an image of a directly listed tool fits with its structured content, which client %s checks', async (sdk) => {
  const own = await connectClient(sdk, { url: http.mcp })
  await own.listTools()

  const result = await own.callTool({ name: 'shown_read_media_file', arguments: { path: photo } })
  const structured = result.structuredContent as { content: { type: string; data: string }[] }
  await own.close()

  expect(result.isError ?? false, textOf(result)).toBe(false)
  expect(JSON.stringify(result).length).toBeLessThan(limit * 1.01)
  expect(structured.content[0]).toEqual(result.content.find(({ type }) => type === 'image'))
})

test('ask sends an image to a pool that takes images, at the size for its model', async () => {
  cloud.script([{ text: 'Noise.' }])
  const data = `data:image/png;base64,${readFileSync(photo).toString('base64')}`

  const answer = await call('ask', { prompt: 'What is it?', images: [data] })
  const refused = await call('ask', { prompt: 'What is it?', images: [data], pool: 'cloud' })

  expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'Noise.', pool: 'eyes' })
  expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('it does not take image input') }] })
  expect(cloud.requests.map(({ images }) => images)).toEqual([1])
  const [sent] = JSON.stringify(cloud.requests[0]?.body).match(/data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+/) ?? []
  const bytes = Buffer.from(sent?.split(',')[1] ?? '', 'base64')
  const { width, height } = await sharp(bytes).metadata()
  expect(bytes.length).toBeLessThan(readFileSync(photo).length)
  expect(width / height).toBeCloseTo(1400 / 1250, 1)
  cloud.reset()
})

const lines = Array.from({ length: 24_000 }, (_, number) => `line ${number}: the quick brown fox jumps over the lazy dog äöü`)
lines[11_234] = 'line 11234: here stands the Needle'
const huge = lines.join('\n')

test('a huge text is paged without loss, and find jumps into it', async () => {
  const path = home.write('huge.txt', huge)

  const result = await callHosted('files_read_text_file', { path })
  const text = textOf(result)
  const handle = /re_[0-9a-f]{32}/.exec(text)?.[0]
  let read = ''
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page = (await call('get_answer', { handle, offset })).structuredContent as { text: string; next_offset?: number; total: number }
    expect(page.total).toBe(huge.length)
    read += page.text
    offset = page.next_offset
  }
  const found = await call('get_answer', { handle, find: 'here stands the needle' })
  const missing = await call('get_answer', { handle, find: 'no such words' })

  expect(JSON.stringify(result).length).toBeLessThan(limit)
  expect(text.startsWith(huge.slice(0, 10_000))).toBe(true)
  expect(text).toMatch(/Read on with get_answer \{"handle": "re_/)
  expect(read).toBe(huge)
  expect(textOf(found)).toContain('line 11234: here stands the Needle')
  expect(textOf(found)).toContain('line 11233')
  expect(missing.structuredContent).toMatchObject({ found: false })
})

test('a text that fits loses nothing but the copy of it that would not', async () => {
  const text = 'word '.repeat(130_000)
  const path = home.write('double.txt', text)

  const result = await callHosted('files_read_text_file', { path })

  expect(result.content[0]?.text).toBe(text)
  expect(result.content[1]?.text).toMatch(/structured content of \d+ bytes was left out/)
})

test('a directly listed tool whose result is too large says where it is, as an error that a client lets through', async () => {
  const path = home.write('huge.txt', huge)

  const result = await call('shown_read_text_file', { path })

  expect(result.isError).toBe(true)
  const handle = /re_[0-9a-f]{32}/.exec(textOf(result))?.[0]
  expect(textOf(await call('get_answer', { handle, find: 'the Needle' }))).toContain('line 11234')
})

test('what a tool says went wrong passes as its error, and what it returns in structure passes too', async () => {
  const missing = await callHosted('files_read_text_file', { path: join(home.files, 'missing.txt') })
  const elsewhere = await callHosted('files_read_text_file', { path: '/etc/hostname' })
  const weather = await callHosted('everything_get-structured-content', { location: 'New York' })

  expect(missing).toMatchObject({ isError: true })
  expect(missing.content[0]?.text).toMatch(/ENOENT/)
  expect(missing.content[1]?.text).toMatch(/^Other tools take the same arguments: .*Nothing of it was called\.$/)
  expect(elsewhere).toMatchObject({ isError: true })
  expect(elsewhere.content[0]?.text).toMatch(/denied/i)
  expect(weather.structuredContent).toMatchObject({ temperature: expect.any(Number), conditions: expect.any(String) })
})

test('an inner tool that is unknown or wrongly called is an error that names the way on', async () => {
  const unknown = await callHosted('files_read_txt_file', {})
  const wrong = await callHosted('files_read_text_file', { pth: 'a.txt' })
  const writes = await callHosted('files_write_file', { path: 'a', content: 'b' })

  expect(unknown).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/no such tool.*files_read_text_file/) }] })
  expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/path/) }] })
  expect(writes).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/call_tool_write/) }] })
})

test('every result of every tool is valid against the schema that the tool declares', { timeout: 60_000 }, async () => {
  const validator = new AjvJsonSchemaValidator()
  const tools = new Map((await client.listTools()).map((tool) => [tool.name, tool]))
  const checked = new Map<string, number>()
  const check = async (name: string, args: Record<string, unknown> = {}): Promise<Result> => {
    const result = await call(name, args)
    const schema = tools.get(name)?.outputSchema
    if (result.isError === true) {
      expect({ name, args, structured: result.structuredContent }).toEqual({ name, args, structured: undefined })
      expect(result.content.every(({ type }) => type === 'text')).toBe(true)
    } else if (schema !== undefined) {
      expect(result.structuredContent, `${name} ${JSON.stringify(args)}`).toBeDefined()
      const { valid, errorMessage } = validator.getValidator(schema)(result.structuredContent)
      expect({ name, args, valid, errorMessage }).toEqual({ name, args, valid: true, errorMessage: undefined })
    }
    expect(result.content.length).toBeGreaterThan(0)
    checked.set(name, (checked.get(name) ?? 0) + 1)
    return result
  }
  const fieldsOf = ({ structuredContent }: Result) => structuredContent as Record<string, unknown>

  const thread = 'schemas'
  const asked = fieldsOf(await check('ask', { prompt: 'What is a fox?', thread, pool: 'extractive' }))
  cloud.answer(() => ({ text: 'An animal.' }))
  await check('ask', { prompt: 'What is a fox?', thread })
  await check('ask_cloud', { messages: [{ role: 'user', content: { type: 'text', text: 'Fox?' } }] })
  cloud.script([{ finish: 'refusal', text: 'No.' }, { finish: 'length', text: 'An ani' }, { fail: 'bad-request' }])
  const refused = fieldsOf(await check('ask', { prompt: 'Refuse' }))
  const cut = fieldsOf(await check('ask', { prompt: 'Too long' }))
  await check('ask', { prompt: 'Fail' })
  await check('ask', { prompt: 'one', messages: [] })
  await check('ask', { prompt: 'Nowhere', pool: 'none' })
  cloud.script([
    { toolCalls: [{ name: 'everything_echo', input: { message: 'hi' } }] },
    { text: 'It said hi.' },
    { text: 'never', interrupt: { after: 'headers', how: 'stall' } },
    { toolCalls: [{ name: 'files_move_file', input: { source: 'a', destination: 'b' } }] },
  ])
  const looped = fieldsOf(await check('ask', { prompt: 'Use echo', use_tools: true }))
  const before = cloud.requests.length
  const working = fieldsOf(await check('ask', { prompt: 'For ever', wait_s: 0 }))
  await until(() => cloud.requests.length > before, 'the provider is asked')
  await check('get_answer', { handle: working['handle'], wait_s: 0 })
  const cancelled = fieldsOf(await check('get_answer', { handle: working['handle'], cancel: true }))
  const waiting = fieldsOf(await check('ask', { prompt: 'Move a file', use_tools: true }))
  await check('get_answer', { handle: waiting['handle'], wait_s: 0 })
  const sum = textOf(await check('call_tool', { name: 'everything_get-sum', arguments: { a: 1, b: 2 }, wait_s: 0, thread }))
  const handle = /ha_[0-9a-f]{32}/.exec(sum)?.[0]
  if (handle !== undefined) await check('get_answer', { handle })
  await check('call_tool_write', { name: 'files_create_directory', arguments: { path: join(home.files, 'made') } })
  await check('get_answer', { handle: 'ha_unknown' })
  await check('plan_step', { prompt: 'What is a fox?', thread, offered_tools: ['everything_echo'] })
  await check('plan_step', { prompt: 'What is a fox?', pool: 'none' })
  await check('find_tools', { need: 'add two numbers' })
  await check('find_tools', { need: 'add two numbers', limit: 1, detail: 'full', thread })
  await check('find_tools', { names: ['everything_echo', 'nothing'] })
  await check('find_tools', { need: 'the weather on the moon' })
  const fitted = textOf(
    await check('fit_image', { image: `data:image/png;base64,${readFileSync(photo).toString('base64')}`, target: 'scripted/large' }),
  )
  await check('fit_image', { image: `signalbox://frame/${/fr_[0-9a-f]{32}/.exec(fitted)?.[0]}`, target: 'claude-desktop' })
  await check('fit_image', { image: 'data:image/png;base64,AAAA', target: 'claude-desktop' })
  const frame = `signalbox://frame/${/fr_[0-9a-f]{32}/.exec(fitted)?.[0]}`
  cloud.answer(() => ({ text: 'There is only noise.' }))
  const done = fieldsOf(await check('next_action', { goal: 'Look', screenshot: frame, environment: 'browser' }))
  await check('next_action', { goal: 'Look', screenshot: 'signalbox://frame/none', environment: 'browser' })
  await check('check_action', { action: { type: 'click', at: { x: 9, y: 9 } }, screenshot: frame })
  await check('check_action', { action: { type: 'click', at: { x: 9, y: 9_000 } }, screenshot: frame })
  await check('check_action', { action: 'nothing', screenshot: frame })
  const { ids } = fieldsOf(await check('remember', { text: 'A fox is an animal' })) as { ids: string[] }
  await check('remember', { text: 'A fox is red', scope: 'thread', thread })
  await check('recall', { query: 'fox' })
  await check('recall', { query: 'zebra', scope: 'thread', thread })
  for (const op of ['list', 'search', 'get', 'export']) await check('threads', { op, thread, query: 'fox' })
  const fork = fieldsOf(await check('fork_thread', { thread }))
  await check('rate', { decision: asked['decision'], outcome: 'good' })
  await check('rate', { decision: 'de_unknown', outcome: 'good' })
  await check('forget', { id: ids[0] })
  await check('forget', { thread: fork['thread'] })
  await check('forget', {})
  await check('status')

  expect([refused['status'], cut['finish_reason'], cancelled['status'], waiting['status']]).toEqual([
    'refused',
    'length',
    'cancelled',
    'needs_approval',
  ])
  expect(done['done']).toBe(true)
  expect(looped['tool_calls']).toEqual([{ name: 'everything_echo', arguments: { message: 'hi' }, is_error: false }])
  const own = [...tools.keys()].filter((name) => !name.startsWith('shown_'))
  expect(own.filter((name) => !checked.has(name))).toEqual([])
  expect(own.filter((name) => tools.get(name)?.outputSchema === undefined)).toEqual(['call_tool', 'call_tool_write', 'fit_image'])
})
