import { spawn } from 'node:child_process'

/** Asks the desktop to show a page. Whether there is a desktop is not known: nothing waits for it, and a failure is none of ours. */
export function openPage(url: string, platform: NodeJS.Platform): void {
  const [program, ...args] = openers[platform] ?? ['xdg-open']
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}
