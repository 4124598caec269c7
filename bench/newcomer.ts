import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/support/browser.ts'

/*
 * The way that the first screen of README.md leads, walked in a fresh clone by a script that knows no more than what README.md and the
 * programs print: from `npm start` to a rule of one's own and its effect. Says how long each step takes.
 */

export interface Step {
  readonly step: string
  /** What shows that it worked. */
  readonly seen: string
  readonly seconds: number
}

export interface Newcomer {
  /** A clone, with the README.md that is followed. */
  readonly clone: string
  /** Of somebody who never had a Signalbox. */
  readonly env: NodeJS.ProcessEnv
  readonly browser: Browser
}

const question = 'When does the ferry to Hven leave?'
const limitMs = 600_000

export async function* newcomerPath({ clone, env, browser }: Newcomer): AsyncGenerator<Step> {
  const { start, console: openConsole, connect, rule } = pathOf(readFileSync(join(clone, 'README.md'), 'utf8'))
  let since = performance.now()
  const done = (step: string, seen: string): Step => {
    const now = performance.now()
    const seconds = (now - since) / 1000
    since = now
    return { step, seen, seconds }
  }
  const running = command(start, clone, env)
  let client: Client | undefined
  let asked: Running | undefined
  try {
    const printed = await running.until(/See it decide: .*/)
    yield done(start, firstMatch(printed, /Hosted: .*/))

    // A person's browser is opened; a script asks for the address alone.
    asked = command(`${openConsole} --no-open`, clone, env)
    const address = firstMatch(await asked.until(/http\S*#login=\S+\n/), /http\S+/)
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-US' })
    await page.goto(address)
    await page.getByRole('heading', { name: 'Steps', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'When does the ferry leave?' }).first().waitFor()
    yield done(openConsole, 'the step that npm start printed')

    // The line names the usual port; what was printed names the one that it is.
    const mcp = firstMatch(printed, new RegExp(`(?<=${connect.replace(/http:.*/, '')})\\S+`))
    client = new Client({ name: 'newcomer', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(mcp)))
    const { tools } = await client.listTools()
    yield done(connect, `${tools.length} tools`)

    const call = async (name: string, given: Record<string, unknown>) =>
      textOf((await client?.callTool({ name, arguments: given }))?.content)
    const found = await call('find_tools', { need: 'read a text file' })
    const reader = firstMatch(found, /files_read\w*/)
    const read = () => call('call_tool', { name: reader, arguments: { path: 'examples/ferry.txt' }, thread: 'newcomer' })
    if (!(await read()).includes('07:40')) throw new Error(`${reader} did not give the text`)
    await call('ask', { prompt: question, thread: 'newcomer' })
    await page.getByRole('link', { name: question }).first().click()
    await page.getByText('no rule fired, so the default of the policy holds').first().waitFor()
    yield done('See the first step', 'the answer under Steps, with its rule')

    await publish(page, rule)
    yield done('Change the policy', 'balanced is served')

    const waits = await read()
    if (!waits.startsWith('needs_approval')) throw new Error(`The rule had no effect: ${waits}`)
    await page.getByRole('link', { name: 'Approvals' }).click()
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('Nothing waits for you').waitFor()
    if (!(await read()).includes('07:40')) throw new Error('What was accepted did not run')
    yield done('See the effect', 'it waits under Approvals, and runs once it was accepted')
  } finally {
    await client?.close()
    await Promise.all([asked?.end(), running.end()])
  }
}

/** As the person who reads it does: the commands of the first block, in their order, and the rule of the next. */
function pathOf(readme: string): { start: string; console: string; connect: string; rule: string } {
  const [block = '', rule = ''] = [...readme.matchAll(/```(?:sh|yaml)\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  const [start = '', openConsole = '', connect = ''] = block.split('\n').map((line) => line.split(/\s+#/)[0]?.trim() ?? '')
  return { start, console: openConsole, connect, rule: rule.replaceAll(/^ {3}/gm, '') }
}

async function publish(page: Page, rule: string): Promise<void> {
  await page.getByRole('link', { name: 'Policy' }).click()
  const editor = page.getByLabel('The policy as YAML')
  await editor.fill(`${await editor.inputValue()}${rule}`)
  for (const name of ['Check and run its tests', 'Publish…', 'Yes, serve it']) await page.getByRole('button', { name }).click()
  await page.getByText('is served as you published it').waitFor()
}

interface Running {
  /** All that it printed, once that fits. */
  until(pattern: RegExp): Promise<string>
  end(): Promise<void>
}

function command(line: string, cwd: string, env: NodeJS.ProcessEnv): Running {
  const child: ChildProcess = spawn(line, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let printed = ''
  let wake = () => {}
  const note = (text: string) => {
    printed += text
    wake()
  }
  child.stdout?.setEncoding('utf8').on('data', note)
  child.stderr?.setEncoding('utf8').on('data', note)
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  /** The group: npm, its shell and what they started, as Ctrl-C at a terminal reaches it. */
  const stop = () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
  }
  return {
    async until(pattern) {
      const over = closed.then(() => true)
      const late = setTimeout(stop, limitMs)
      try {
        while (!pattern.test(printed)) {
          const more = new Promise<void>((resolve) => {
            wake = resolve
          })
          if ((await Promise.race([over, more])) === true && !pattern.test(printed))
            throw new Error(`"${line}" ended before it printed ${pattern}:\n${printed}`)
        }
        return printed
      } finally {
        clearTimeout(late)
      }
    },
    async end() {
      stop()
      await closed
    },
  }
}

function firstMatch(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[0]
  if (found === undefined) throw new Error(`What was printed must have ${pattern}, received:\n${text}`)
  return found
}

function textOf(content: unknown): string {
  return (content as readonly { text?: string }[]).map(({ text }) => text ?? '').join('\n')
}

async function benchNewcomer(): Promise<void> {
  const { browser, ...reason } = await openBrowser()
  if (browser === undefined) throw new Error(`Cannot walk without a browser: ${JSON.stringify(reason)}`)
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-newcomer-'))
  try {
    const clone = join(folder, 'signalbox')
    const since = performance.now()
    const root = fileURLToPath(new URL('..', import.meta.url))
    const { status, stderr } = spawnSync('git', ['clone', '--quiet', root, clone], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`Cannot clone: ${stderr}`)
    process.stdout.write('| step | seen | seconds |\n| --- | --- | ---: |\n')
    const show = ({ step, seen, seconds }: Step) => process.stdout.write(`| ${step} | ${seen} | ${seconds.toFixed(1)} |\n`)
    let all = (performance.now() - since) / 1000
    show({ step: 'git clone', seen: 'of this checkout, as committed', seconds: all })
    for await (const one of newcomerPath({ clone, env: newcomersEnv(folder), browser })) {
      show(one)
      all += one.seconds
    }
    show({ step: 'all', seen: 'a rule of your own at work', seconds: all })
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What npm has fetched already stays fetched; nothing else of this user is there. */
function newcomersEnv(home: string): NodeJS.ProcessEnv {
  const { npm_config_cache: cache = join(process.env['HOME'] ?? home, '.npm'), PATH } = process.env
  return { PATH, HOME: home, USERPROFILE: home, APPDATA: home, LOCALAPPDATA: home, npm_config_cache: cache }
}

if (import.meta.main) await benchNewcomer()
