import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'

export type OpenedBrowser =
  | { readonly browser: Browser; readonly program: string }
  | { readonly browser: undefined; readonly reason: string }

/** Debian's `chromium` first: it is the one whose fonts and sandbox the system knows. */
const installed: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name]
    return folder === undefined ? [] : [`${folder}\\Google\\Chrome\\Application\\chrome.exe`]
  }),
}

/**
 * A headless Chromium, or the reason why there is none: a test skips with that word. One that is installed is taken first; on
 * Linux x64 a package brings another, so that nothing has to be installed by hand.
 *
 * The caller closes it.
 */
export async function openBrowser(): Promise<OpenedBrowser> {
  const found = await findBrowser()
  if (found === undefined) return { browser: undefined, reason: noBrowser }
  try {
    const { chromium } = await import('playwright-core')
    const browser = await chromium.launch({ executablePath: found.path, headless: true, args: [...found.args, ...sameEverywhere] })
    return { browser, program: found.path }
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split('\n')
    return { browser: undefined, reason: `${found.path} does not start: ${first}` }
  }
}

export const noBrowser = `no Chromium: install Chrome or Debian's chromium, none is packaged for ${process.platform} ${process.arch}`

/** The program alone, for what starts it itself. */
export async function findBrowser(): Promise<BrowserProgram | undefined> {
  return (await installedProgram()) ?? (await packagedProgram())
}

export interface BrowserProgram {
  readonly path: string
  readonly args: readonly string[]
}

/** Edges of letters and colours as on any other machine. */
const sameEverywhere = [
  '--font-render-hinting=none',
  '--disable-lcd-text',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--lang=en-US',
]

async function installedProgram(): Promise<BrowserProgram | undefined> {
  const path = (installed[process.platform] ?? []).find((program) => existsSync(program))
  // Chromium has no sandbox for root, which is who tests run as in a container.
  return path === undefined ? undefined : { path, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] }
}

async function packagedProgram(): Promise<BrowserProgram | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const { default: packaged } = await import('@sparticuz/chromium')
  return { path: await packaged.executablePath(), args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-zygote'] }
}
