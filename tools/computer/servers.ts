import type { ComputerAction } from '../../models/computer/action.ts'
import { canonicalKeys } from '../../models/computer/keys.ts'
import { ComputerActionError } from '../../models/errors.ts'

/** One thing that a call of a browser server does, in the words of the guard. */
export interface BrowserStep {
  readonly action: ComputerAction
  /** What the agent says that it hits, or the selector that it hits it by. */
  readonly claim?: string | undefined
  /** Where it stands in the page's snapshot. */
  readonly ref?: string | undefined
  readonly fieldType?: string | undefined
  /** Why a person is asked whatever it hits: what it does cannot be seen beforehand. */
  readonly opaque?: string | undefined
  /** It answers the dialog that keeps the page waiting. */
  readonly isDialog?: boolean | undefined
}

export interface BrowserServer {
  /** What a call does. Empty when it only looks, `undefined` when the tool is none that is known. */
  read(tool: string, args: Readonly<Record<string, unknown>>): readonly BrowserStep[] | undefined
  /** The tool that gives the page as a tree with references, and its arguments. */
  readonly snapshot: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> } | undefined
}

interface ListedTool {
  readonly tool: string
  readonly inputSchema: Readonly<Record<string, unknown>>
}

type Args = Readonly<Record<string, unknown>>
type Reader = (args: Args) => readonly BrowserStep[]

interface Entry {
  /** Arguments of which the schema must have one, so that a tool of the same name elsewhere is not taken for it. */
  readonly needs?: readonly string[]
  readonly read: Reader
}

const looks: Entry = { read: () => [] }
const click: Entry = { needs: ['target', 'ref', 'uid', 'selector'], read: (args) => [{ ...targetOf(args), action: clickOf(args) }] }
const clickAt: Entry = { needs: ['x'], read: (args) => [{ claim: text(args, 'element'), action: { ...clickOf(args), at: pointOf(args) } }] }
const drag: Entry = {
  read: (args) => [
    {
      claim: [text(args, 'startElement'), text(args, 'endElement')].filter((one) => one !== undefined).join(' to ') || undefined,
      ref: text(args, 'endTarget') ?? text(args, 'endRef') ?? text(args, 'to_uid'),
      action: { type: 'drag', path: [{ x: 0, y: 0 }], modifiers: [] },
    },
  ],
}
const fill: Entry = {
  needs: ['text', 'value'],
  read: (args) => [{ ...targetOf(args), action: typing(text(args, 'text') ?? text(args, 'value') ?? '', args) }],
}
const choose: Entry = { needs: ['values', 'value'], read: (args) => [{ ...targetOf(args), action: clickOf({}) }] }
const form: Entry = {
  needs: ['fields', 'elements'],
  read: (args) =>
    [args['fields'] ?? args['elements']].flat().flatMap((field) => {
      if (typeof field !== 'object' || field === null) return []
      const given = field as Args
      const kind = text(given, 'type')
      const isText = kind === undefined || kind === 'textbox'
      const claim = text(given, 'element') ?? text(given, 'name')
      return [{ ...targetOf(given), claim, action: isText ? typing(text(given, 'value') ?? '', {}) : clickOf({}) }]
    }),
}
const key: Entry = {
  needs: ['key'],
  read: (args) => [{ ...targetOf(args), action: { type: 'key', keys: keysOf(text(args, 'key') ?? '') } }],
}
const go: Entry = {
  read(args) {
    const url = text(args, 'url')
    if (url !== undefined) return [{ action: { type: 'navigate', url } }]
    const way = text(args, 'type') ?? text(args, 'action')
    return way === 'back' || way === 'forward' || way === 'reload' ? [{ action: { type: way } }] : []
  },
}
/** To a page that was there before: wherever it leads is meant, as on the way back. */
const switchTo: Entry = { read: () => [{ action: { type: 'back' } }] }
const tabs: Entry = {
  read(args) {
    if (args['action'] === 'select' || args['action'] === 'close') return switchTo.read(args)
    return args['action'] === 'new' ? go.read(args) : []
  },
}
const upload: Entry = { read: (args) => [{ ...targetOf(args), fieldType: 'file', action: clickOf({}) }] }
const script: Entry = {
  read: (args) => [{ ...targetOf(args), action: clickOf({}), opaque: 'it runs a script, which can do in the page whatever a person can' }],
}
const request: Entry = {
  needs: ['url'],
  read: (args) => [{ action: { type: 'navigate', url: text(args, 'url') ?? '' }, opaque: 'it sends a request that no page has asked for' }],
}
const dialog: Entry = {
  read(args) {
    if (args['accept'] === false || args['action'] === 'dismiss') return []
    const said = text(args, 'promptText')
    return [{ isDialog: true, action: said === undefined ? clickOf({}) : typing(said, { submit: true }) }]
  },
}

/**
 * The published browser servers by what their tools are called: @playwright/mcp (0.0.83, and `ref` of before), chrome-devtools-mcp 1.11,
 * @browsermcp/mcp 0.1, @modelcontextprotocol/server-puppeteer 2025.5 and @executeautomation/playwright-mcp-server 1.0.
 */
const families: readonly Readonly<Record<string, Entry>>[] = [
  {
    browser_click: click,
    browser_mouse_click_xy: clickAt,
    browser_drag: drag,
    browser_drop: upload,
    browser_type: fill,
    browser_fill_form: form,
    browser_select_option: choose,
    browser_press_key: key,
    browser_navigate: go,
    browser_navigate_back: switchTo,
    browser_go_back: switchTo,
    browser_go_forward: { read: () => [{ action: { type: 'forward' } }] },
    browser_tabs: tabs,
    browser_file_upload: upload,
    browser_evaluate: script,
    browser_run_code_unsafe: script,
    browser_handle_dialog: dialog,
    browser_snapshot: looks,
    browser_take_screenshot: looks,
    browser_screenshot: looks,
    browser_hover: looks,
    browser_wait_for: looks,
    browser_wait: looks,
    browser_find: looks,
    browser_resize: looks,
    browser_close: looks,
    browser_console_messages: looks,
    browser_get_console_logs: looks,
    browser_network_requests: looks,
    browser_network_request: looks,
  },
  {
    click: { ...click, needs: ['uid'] },
    click_at: clickAt,
    drag: { ...drag, needs: ['to_uid'] },
    fill: { ...fill, needs: ['uid'] },
    type_text: fill,
    fill_form: { ...form, needs: ['elements'] },
    press_key: key,
    new_page: { ...go, needs: ['url'] },
    navigate_page: go,
    upload_file: { ...upload, needs: ['uid'] },
    evaluate_script: script,
    handle_dialog: dialog,
    take_snapshot: looks,
    take_screenshot: looks,
    hover: looks,
    wait_for: looks,
    list_pages: looks,
    select_page: switchTo,
    close_page: switchTo,
    resize_page: looks,
  },
  {
    puppeteer_navigate: go,
    puppeteer_click: click,
    puppeteer_fill: fill,
    puppeteer_select: choose,
    puppeteer_evaluate: script,
    puppeteer_screenshot: looks,
    puppeteer_hover: looks,
  },
  {
    playwright_navigate: go,
    playwright_click: click,
    playwright_iframe_click: click,
    playwright_fill: fill,
    playwright_iframe_fill: fill,
    playwright_select: choose,
    playwright_press_key: key,
    playwright_drag: {
      read: (args) => [
        { claim: wordsOf(text(args, 'targetSelector') ?? ''), action: { type: 'drag', path: [{ x: 0, y: 0 }], modifiers: [] } },
      ],
    },
    playwright_go_back: switchTo,
    playwright_go_forward: { read: () => [{ action: { type: 'forward' } }] },
    playwright_upload_file: upload,
    playwright_evaluate: script,
    playwright_get: request,
    playwright_post: request,
    playwright_put: request,
    playwright_patch: request,
    playwright_delete: request,
    playwright_click_and_switch_tab: click,
    playwright_screenshot: looks,
    playwright_hover: looks,
    playwright_get_visible_text: looks,
    playwright_get_visible_html: looks,
    playwright_console_logs: looks,
    playwright_close: looks,
  },
]

const fewest = 3

/** A browser server is known by its tools and what they take, whatever it is called in the configuration. */
export function recogniseBrowser(tools: readonly ListedTool[]): BrowserServer | undefined {
  const known = families
    .map((family) => new Map(tools.flatMap((tool) => entryOf(family, tool))))
    .toSorted((one, other) => other.size - one.size)[0]
  if (known === undefined || known.size < fewest) return undefined
  const tree = tools.find(({ tool }) => (tool === 'browser_snapshot' || tool === 'take_snapshot') && known.has(tool))
  return {
    read: (tool, args) => known.get(tool)?.read(args),
    snapshot: tree && { tool: tree.tool, args: takes(tree, 'boxes') ? { boxes: true } : {} },
  }
}

function entryOf(family: Readonly<Record<string, Entry>>, tool: ListedTool): [string, Entry][] {
  const entry = Object.hasOwn(family, tool.tool) ? family[tool.tool] : undefined
  return entry !== undefined && (entry.needs?.some((name) => takes(tool, name)) ?? true) ? [[tool.tool, entry]] : []
}

function takes({ inputSchema }: ListedTool, name: string): boolean {
  const properties = inputSchema['properties']
  return typeof properties === 'object' && properties !== null && Object.hasOwn(properties, name)
}

/** A reference of a snapshot; anything else is a selector, whose words are all that is said of the target. */
function targetOf(args: Args): Pick<BrowserStep, 'ref' | 'claim'> {
  const element = text(args, 'element')
  const given = text(args, 'target') ?? text(args, 'ref') ?? text(args, 'uid')
  if (given !== undefined && /^(?:(?:f\d+)?e\d+|s\d+e\d+|\d+_\d+)$/.test(given)) return { ref: given, claim: element }
  return { claim: element ?? wordsOf(given ?? text(args, 'selector') ?? '') }
}

function wordsOf(selector: string): string | undefined {
  const words = selector.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
  return words === '' ? undefined : words
}

function clickOf(args: Args): Extract<ComputerAction, { type: 'click' }> {
  const button = args['button']
  const isTwice = args['doubleClick'] === true || args['dblClick'] === true
  return { type: 'click', button: button === 'right' || button === 'middle' ? button : 'left', count: isTwice ? 2 : 1, modifiers: [] }
}

function typing(value: string, args: Args): ComputerAction {
  const submits = args['submit'] === true || args['submitKey'] === 'Enter'
  return { type: 'type', text: value, ...(submits && { submit: true }) }
}

/** "Control++" is Control and the plus sign. */
function keysOf(combination: string): string[] {
  const names = combination.length === 1 ? [combination] : combination.split(/\+(?=.)/)
  try {
    return canonicalKeys(names)
  } catch (error) {
    if (!(error instanceof ComputerActionError)) throw error
    return names
  }
}

function pointOf(args: Args): { x: number; y: number } {
  return { x: Number(args['x']), y: Number(args['y']) }
}

function text(args: Args, name: string): string | undefined {
  const value = args[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
