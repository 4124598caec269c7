import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EmbedderError } from '../../models/errors.ts'
import { withCache } from '../../models/local/index.ts'
import { createToolSearch } from '../../tools/search.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { catalogueOf, hostedTool } from '../support/search/needs.ts'
import { topicEmbedder } from '../support/search/topic-embedder.ts'

const topics = [
  ['mail', 'letter', 'correspondence', 'post'],
  ['weather', 'forecast', 'umbrella', 'rain'],
  ['file', 'document', 'paper', 'disk'],
]
const tools = [
  hostedTool('mail/send', 'Sends a mail to somebody.'),
  hostedTool('weather/get', 'Tells the weather of a city.'),
  hostedTool('files/read', 'Reads a file from the disk.'),
]

function quiet() {
  const warnings: string[] = []
  return { warnings, debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} }
}

async function searching(given: readonly HostedTool[] = tools) {
  const embedder = topicEmbedder(topics)
  const log = quiet()
  let time = 0
  const search = createToolSearch({ embedder, log, now: () => time })
  search.index(catalogueOf(given))
  await search.settled()
  const later = (ms: number) => {
    time += ms
  }
  return { embedder, log, search, later }
}

const names = (found: { hits: readonly { tool: HostedTool }[] }) => found.hits.map(({ tool }) => tool.name)

test('find() finds a tool by meaning, without a word in common', async () => {
  const { search } = await searching()

  const found = await search.find({ need: 'will I need an umbrella', limit: 2 })

  expect(names(found)[0]).toBe('weather_get')
  expect(found).toMatchObject({ searched: 'semantic', scored: 3 })
  expect(found.hits).toHaveLength(2)
})

test('index() with the words kept of the same catalogue answers alike at once, and by meaning afterwards', async () => {
  const first = await searching()
  const kept = first.search.keptWords()
  const search = createToolSearch({ embedder: topicEmbedder(topics), log: quiet() })
  const plain = createToolSearch({ embedder: undefined, log: quiet() })
  plain.index(catalogueOf(tools))

  search.index(catalogueOf(tools), kept)
  const early = await search.find({ need: 'read a file', limit: 5 })
  const embeddedEarly = search.state().embedded
  await search.settled()

  expect(early).toEqual(await plain.find({ need: 'read a file', limit: 5 }))
  expect(embeddedEarly).toBe(0)
  expect(search.keptWords()).toBeUndefined()
  expect(await search.find({ need: 'umbrella', limit: 5 })).toEqual(await first.search.find({ need: 'umbrella', limit: 5 }))
  expect(search.state()).toMatchObject({ embedded: 3, searched: 'semantic' })
})

test.each([
  ['of another catalogue', async () => (await searching(tools.slice(1))).search.keptWords()],
  ['that cannot be read', async () => new Uint8Array([1, 2, 3])],
])('index() reads the texts itself when given words %s', async (_, kept) => {
  const search = createToolSearch({ embedder: undefined, log: quiet() })

  search.index(catalogueOf(tools), await kept())

  expect(names(await search.find({ need: 'send a mail', limit: 5 }))).toEqual(['mail_send'])
  expect(search.keptWords()).toBeInstanceOf(Uint8Array)
})

test('find() answers by words while the vectors are not there, and by meaning afterwards', async () => {
  const embedder = topicEmbedder(topics)
  const release = embedder.hold(({ priority }) => priority === 'index')
  const search = createToolSearch({ embedder, log: quiet() })
  search.index(catalogueOf(tools))

  const early = await search.find({ need: 'read a file', limit: 5 })
  const unknown = await search.find({ need: 'umbrella', limit: 5 })
  release()
  await search.settled()
  const late = await search.find({ need: 'umbrella', limit: 1 })

  expect(early).toMatchObject({ searched: 'lexical', scored: 3 })
  expect(names(early)).toEqual(['files_read'])
  expect(unknown).toMatchObject({ hits: [], noneFits: true, confidence: 0, searched: 'lexical' })
  expect([late.searched, names(late)]).toEqual(['semantic', ['weather_get']])
})

test('index() reads the tools of a new server alone, and computes no vector of the others again', async () => {
  let reads = 0
  const counted = (server: string) =>
    ['open', 'close', 'list'].map((name) => {
      const { description, ...tool } = hostedTool(`${server}/${name}`, `Will ${name} the ${server} of a paper.`)
      return Object.defineProperty(tool, 'description', {
        enumerable: true,
        get: () => {
          reads += 1
          return description
        },
      }) as HostedTool
    })
  const servers = Array.from({ length: 20 }, (_, index) => counted(`server${index}`))
  const { search, embedder } = await searching([])

  for (const count of servers.keys()) {
    search.index(catalogueOf(servers.slice(0, count + 1).flat()))
    await search.settled()
  }

  // Each text once, however often the catalogue grew.
  expect(reads).toBe(servers.flat().length)
  const texts = embedder.calls.filter(({ priority }) => priority === 'index').flatMap((call) => call.texts)
  expect(texts).toHaveLength(new Set(texts).size)
  expect(search.state()).toMatchObject({ tools: 60, embedded: 60 })
  expect(names(await search.find({ need: 'close the server7 of a paper', limit: 1 }))).toEqual(['server7_close'])
})

test('index() takes out what is gone and finds what came in its place, over and over', async () => {
  const { search, embedder } = await searching()
  const many = Array.from({ length: 300 }, (_, number) => hostedTool(`desk/paper_${number}`, `Opens the paper of drawer ${number}.`))
  const lasting = hostedTool('weather/get', 'Tells the weather of a city.')

  for (const tools of [
    [...many, lasting],
    [lasting],
    [...many.slice(0, 40), lasting],
    [lasting, hostedTool('mail/send', 'Sends a letter.')],
  ]) {
    search.index(catalogueOf(tools))
    await search.settled()

    expect(search.state()).toMatchObject({ tools: tools.length, embedded: tools.length })
    expect(names(await search.find({ need: 'will I need an umbrella', limit: 1 }))).toEqual(['weather_get'])
  }
  expect(names(await search.find({ need: 'correspondence', limit: 1 }))).toEqual(['mail_send'])
  // What stayed was never asked for again.
  const asked = embedder.calls.flatMap(({ texts }) => texts).filter((text) => text.includes('Tells the weather'))
  expect(asked).toHaveLength(new Set(asked).size)
})

test('find() still finds a tool by its words whose vectors are not there yet, among others that have them', async () => {
  const papers = ['a', 'b', 'c', 'd'].map((server) => hostedTool(`${server}/open`, 'Opens a paper.'))
  const { search, embedder } = await searching(papers)
  embedder.hold(({ priority }) => priority === 'index')
  search.index(catalogueOf([...papers, hostedTool('payments/refund', 'Gives the money of a charge back.')]))

  const found = await search.find({ need: 'refund the money for the charge on this document', limit: 2 })

  expect(found.searched).toBe('semantic')
  expect(names(found)).toContain('payments_refund')
  expect(names(await search.find({ need: 'a file on the disk', limit: 4 }))).not.toContain('payments_refund')
  expect(search.state()).toMatchObject({ tools: 5, embedded: 4 })
})

test('find() never scores, counts or names a quarantined tool or one that is not allowed', async () => {
  const { search, embedder } = await searching([
    ...tools,
    hostedTool('evil/forecast', 'Tells the weather forecast, rain and umbrella.', { quarantined: 'its definition changed' }),
  ])

  const found = await search.find({ need: 'weather forecast', limit: 10, allowed: (tool) => tool.server !== 'weather' })

  expect(names(found).sort()).toEqual(['files_read', 'mail_send'])
  expect(found.scored).toBe(2)
  expect(search.nearestNames('evil_forecast')).not.toContain('evil_forecast')
  expect(search.nearestNames('weather_gett', (tool) => tool.server !== 'weather')).not.toContain('weather_get')
  expect(JSON.stringify(embedder.calls)).not.toContain('umbrella')
})

test('find() gives equal scores in the order of names, whatever the order of the catalogue', async () => {
  const twins = ['c', 'a', 'b'].map((server) => hostedTool(`${server}/same`, 'Reads a file.', { name: `${server}_same` }))

  for (const order of [twins, twins.toReversed()]) {
    const { search } = await searching(order)
    expect(names(await search.find({ need: 'open the document', limit: 3 }))).toEqual(['a_same', 'b_same', 'c_same'])
  }
})

test('find() pages without gaps or repetitions', async () => {
  const many = Array.from({ length: 25 }, (_, index) => hostedTool(`mail/act-${index}`, 'Handles a letter.'))
  const { search } = await searching(many)

  const pages = await Promise.all([0, 10, 20, 30].map((offset) => search.find({ need: 'letter', limit: 10, offset })))

  expect(pages.map((page) => page.hits.length)).toEqual([10, 10, 5, 0])
  expect(new Set(pages.flatMap(names)).size).toBe(25)
})

test('find() lets the context turn a short need, and never replace it', async () => {
  const { search } = await searching()
  const context = 'the forecast says rain'

  const vague = await search.find({ need: 'and now', context, limit: 1 })
  const clear = await search.find({ need: 'send a letter by post', context, limit: 1 })

  expect(names(vague)).toEqual(['weather_get'])
  expect(names(clear)).toEqual(['mail_send'])
})

test('find() prefers a tool that the thread has used among equal ones', async () => {
  const { search } = await searching(['a', 'b'].map((server) => hostedTool(`${server}/same`, 'Reads a file.')))

  expect(names(await search.find({ need: 'read a file', used: ['b_same'], limit: 1 }))).toEqual(['b_same'])
  expect(names(await search.find({ need: 'send mail', used: ['b_same', 'gone'], limit: 1 }))).toEqual(['b_same'])
})

test('find() answers by words and says why when the embedder fails, and by meaning again later', async () => {
  const { search, embedder, log, later } = await searching()
  embedder.fail(new EmbedderError('the endpoint is gone'))

  const failed = await search.find({ need: 'read the file', limit: 1 })
  const state = search.state()
  const asked = embedder.calls.length
  await search.find({ need: 'read the file', limit: 1 })
  const askedAgain = embedder.calls.length
  embedder.fail(undefined)
  later(60_000)
  const mended = await search.find({ need: 'umbrella', limit: 1 })

  expect([failed.searched, names(failed)]).toEqual(['lexical', ['files_read']])
  expect(state).toMatchObject({ searched: 'lexical', error: 'the endpoint is gone' })
  expect(askedAgain).toBe(asked)
  expect(log.warnings).toHaveLength(1)
  expect([mended.searched, names(mended)]).toEqual(['semantic', ['weather_get']])
  expect(search.state().error).toBeUndefined()
})

test('index() takes up where it failed once the embedder works again', async () => {
  const embedder = topicEmbedder(topics)
  let time = 0
  const search = createToolSearch({ embedder, log: quiet(), now: () => time })
  embedder.fail(new EmbedderError('no runtime'))
  search.index(catalogueOf(tools))
  await search.settled()
  const failed = search.state()
  embedder.fail(undefined)
  time += 60_000
  await search.find({ need: 'anything', limit: 1 })
  await search.settled()

  expect(failed).toMatchObject({ embedded: 0, error: 'no runtime', searched: 'lexical' })
  expect(search.state()).toMatchObject({ embedded: 3, searched: 'semantic', error: undefined })
})

test('find() without an embedder, without tools or without a word in the need finds nothing and fails nothing', async () => {
  const search = createToolSearch({ embedder: undefined, log: quiet() })
  const nothing = { hits: [], noneFits: true, confidence: 0, searched: 'lexical' }

  expect(await search.find({ need: 'read', limit: 5 })).toMatchObject({ ...nothing, scored: 0 })
  search.index(catalogueOf(tools))
  await search.settled()
  expect(names(await search.find({ need: 'read', limit: 5 }))).toEqual(['files_read'])
  for (const need of ['', ' \n', '\u200b', '!?', 'the of and']) {
    expect(await search.find({ need, limit: 5 })).toMatchObject({ ...nothing, scored: 3 })
  }
})

test('find() rejects with the reason of the caller when aborted', async () => {
  const { search, embedder } = await searching()
  embedder.hold(({ priority }) => priority === 'query')
  const controller = new AbortController()
  const reason = new Error('the caller left')

  const found = search.find({ need: 'a letter', limit: 1, signal: controller.signal })
  controller.abort(reason)

  await expect(found).rejects.toBe(reason)
  await expect(search.find({ need: 'a letter', limit: 1, signal: controller.signal })).rejects.toBe(reason)
  expect(search.state().error).toBeUndefined()
})

test('find() answers by words when the vector of the need does not come in time', async () => {
  const embedder = topicEmbedder(topics)
  const search = createToolSearch({ embedder, log: quiet(), needLimitMs: 10 })
  search.index(catalogueOf(tools))
  await search.settled()
  embedder.hold(({ priority }) => priority === 'query')

  const found = await search.find({ need: 'read the file', limit: 1 })

  expect([found.searched, names(found)]).toEqual(['lexical', ['files_read']])
  expect(search.state().error).toBe('No vector of the need came within 10 ms')
})

test('find() compares by meaning again as soon as a vector that was late has come, and waits for a slow embedder once only', async () => {
  const embedder = topicEmbedder(topics)
  const search = createToolSearch({ embedder, log: quiet(), needLimitMs: 10 })
  search.index(catalogueOf(tools))
  await search.settled()
  const findLate = async () => {
    const release = embedder.hold(({ priority }) => priority === 'query')
    const { searched } = await search.find({ need: 'umbrella', limit: 1 })
    release()
    await pause(1)
    return searched
  }
  const asked = () => embedder.calls.filter(({ priority }) => priority === 'query').length

  expect(await findLate()).toBe('lexical')
  expect(search.state()).toMatchObject({ searched: 'semantic', error: undefined })
  expect(await findLate()).toBe('lexical')
  expect(search.state()).toMatchObject({ searched: 'lexical', error: 'No vector of the need came within 10 ms' })
  const before = asked()
  expect((await search.find({ need: 'umbrella', limit: 1 })).searched).toBe('lexical')
  expect(asked()).toBe(before)
})

test('find() is sure where the words and the meaning agree, and unsure where nothing is near', async () => {
  const { search } = await searching()

  const sure = await search.find({ need: 'send a mail to somebody', limit: 1 })
  const unsure = await search.find({ need: 'juggle three oranges', limit: 1 })

  expect(sure.noneFits).toBe(false)
  expect(sure.confidence).toBeGreaterThan(unsure.confidence)
  for (const { confidence } of [sure, unsure]) {
    expect(confidence).toBeGreaterThanOrEqual(0)
    expect(confidence).toBeLessThanOrEqual(1)
  }
})

test('index() embeds with the priority of an index, off the caller, and only what changed', async () => {
  const { search, embedder } = await searching()
  const first = embedder.calls.flatMap(({ texts }) => texts)

  search.index(catalogueOf(tools))
  await search.settled()
  const unchanged = embedder.calls.flatMap(({ texts }) => texts).length - first.length
  const [mail, , files] = tools as [HostedTool, HostedTool, HostedTool]
  search.index(catalogueOf([mail, hostedTool('weather/get', 'Says whether there will be rain.'), files]))
  const atOnce = embedder.calls.length
  await search.settled()
  const changed = embedder.calls.flatMap(({ texts }) => texts).slice(first.length)

  expect(first).toHaveLength(9)
  expect(unchanged).toBe(0)
  expect(atOnce).toBe(1)
  // Its name stayed the same, so that view did as well.
  expect(changed.sort()).toEqual(['Says whether there will be rain.', 'weather get Says whether there will be rain.'])
  expect(new Set(embedder.calls.map(({ priority }) => priority))).toEqual(new Set(['index']))
  expect(search.state()).toMatchObject({ tools: 3, embedded: 3, embeddedTexts: 11 })
})

test('index() follows a catalogue that changes while it is embedded, and removed tools are gone', async () => {
  const embedder = topicEmbedder(topics)
  const release = embedder.hold(({ priority }) => priority === 'index')
  const search = createToolSearch({ embedder, log: quiet() })
  search.index(catalogueOf(tools.slice(0, 2)))
  await pause(1)
  search.index(catalogueOf(tools.slice(1)))
  release()
  await search.settled()

  expect(search.state()).toMatchObject({ tools: 2, embedded: 2 })
  expect(names(await search.find({ need: 'letter', limit: 5 }))).not.toContain('mail_send')
  expect(names(await search.find({ need: 'document', limit: 1 }))).toEqual(['files_read'])
})

test('state() counts no embedded text on a second start with the cache of the first', async () => {
  const kept = new Map<string, Float32Array>()
  const cache = {
    get: async (_: string, hashes: readonly string[]) => hashes.map((hash) => kept.get(hash)),
    put: async (_: string, entries: readonly { hash: string; vector: Float32Array }[]) => {
      for (const { hash, vector } of entries) kept.set(hash, vector)
    },
  }
  const counts: number[] = []
  for (const model of [topicEmbedder(topics), topicEmbedder(topics)]) {
    const search = createToolSearch({ embedder: withCache(model, cache), log: quiet() })
    search.index(catalogueOf(tools))
    await search.settled()
    counts.push(search.state().embeddedTexts, model.calls.length)
    search.close()
  }

  expect(counts).toEqual([9, 1, 0, 0])
})

test('index() learns how long the vectors of an endpoint are from its first answer', async () => {
  const model = topicEmbedder(topics)
  const search = createToolSearch({ embedder: { ...model, dimensions: undefined }, log: quiet() })
  search.index(catalogueOf(tools))
  await search.settled()

  expect(names(await search.find({ need: 'umbrella', limit: 1 }))).toEqual(['weather_get'])
})

test('index() leaves out what a server says of all its tools', async () => {
  const boilerplate = 'Only works with a licence for postage.'
  const { embedder } = await searching(['a', 'b', 'c'].map((tool) => hostedTool(`mail/${tool}`, `Does ${tool}. ${boilerplate}`)))

  expect(JSON.stringify(embedder.calls)).not.toContain('licence')
})

test('close() ends the indexing, and what is asked afterwards is answered by words', async () => {
  const embedder = topicEmbedder(topics)
  embedder.hold(({ priority }) => priority === 'index')
  const log = quiet()
  const search = createToolSearch({ embedder, log })
  search.index(catalogueOf(tools))
  await pause(1)
  search.close()
  await search.settled()

  expect(await search.find({ need: 'read a file', limit: 1 })).toMatchObject({ searched: 'lexical' })
  expect(log.warnings).toEqual([])
})

test('nearestNames() knows a slip of the keyboard and a name put together otherwise, and keeps silent on the rest', async () => {
  const { search } = await searching([
    hostedTool('github/list_pull_requests'),
    hostedTool('github/create_issue'),
    hostedTool('files/read_file'),
  ])

  expect(search.nearestNames('github_list_pull_request')[0]).toBe('github_list_pull_requests')
  expect(search.nearestNames('listPullRequests')).toEqual(['github_list_pull_requests'])
  expect(search.nearestNames('file_read')[0]).toBe('files_read_file')
  expect(search.nearestNames('zzz')).toEqual([])
  expect(search.nearestNames('')).toEqual([])
})
