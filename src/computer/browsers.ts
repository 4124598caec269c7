import { recogniseBrowser } from '../../tools/computer/servers.ts'
import type { HostedTool } from '../../tools/tool.ts'
import type { BrowserCall, HostedBrowsers, HostedBrowsersOptions } from './hosted-browser.ts'

/** Calls to hosted browser servers that are known; what judges them is loaded at the first. */
export interface Browsers {
  /** `undefined` for a tool of any other server, and for one that no table knows. */
  call(
    tool: HostedTool,
    args: Readonly<Record<string, unknown>>,
    caller: { principal: string; thread: string | undefined },
  ): Promise<BrowserCall | undefined>
}

export function createBrowsers(options: HostedBrowsersOptions): Browsers {
  let loading: Promise<HostedBrowsers> | undefined
  return {
    async call(tool, args, caller) {
      const siblings = options.host.catalogue().tools.filter(({ server }) => server === tool.server)
      const browser = recogniseBrowser(siblings)
      if (browser === undefined) return undefined
      loading ??= import('./hosted-browser.ts').then(({ createHostedBrowsers }) => createHostedBrowsers(options))
      return (await loading).call({ tool, siblings, browser }, args, caller)
    },
  }
}
