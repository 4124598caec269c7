import { ComputerActionError } from '../errors.ts'

/**
 * Keys by the names that browsers give them (`KeyboardEvent.key`), with `Space` for the blank, and what the vendors call them:
 * X11 keysyms (Anthropic), capitals (OpenAI), Playwright's map of Google's reference client, the words of pyautogui (Qwen, UI-TARS).
 * All are compared in lower case and without `_` and `-` between their words.
 */
const aliases: Readonly<Record<string, readonly string[]>> = {
  Control: ['control', 'ctrl', 'ctl', 'controll', 'controlr', 'ctrlleft', 'ctrlright'],
  Shift: ['shift', 'shiftl', 'shiftr', 'shiftleft', 'shiftright'],
  Alt: ['alt', 'altl', 'altr', 'altleft', 'altright', 'option', 'opt'],
  AltGraph: ['altgraph', 'altgr', 'isolevel3shift'],
  Meta: ['meta', 'metal', 'metar', 'super', 'superl', 'superr', 'win', 'windows', 'winleft', 'winright', 'cmd', 'command'],
  Enter: ['enter', 'return', 'kpenter'],
  Escape: ['escape', 'esc'],
  Tab: ['tab', 'isolefttab'],
  Space: ['space', 'spacebar', 'blank'],
  Backspace: ['backspace'],
  Delete: ['delete', 'del', 'kpdelete'],
  Insert: ['insert', 'ins'],
  Home: ['home', 'kphome'],
  End: ['end', 'kpend'],
  PageUp: ['pageup', 'pgup', 'prior'],
  PageDown: ['pagedown', 'pgdn', 'pgdown', 'next'],
  ArrowUp: ['arrowup', 'up', 'uparrow', 'kpup'],
  ArrowDown: ['arrowdown', 'down', 'downarrow', 'kpdown'],
  ArrowLeft: ['arrowleft', 'left', 'leftarrow', 'kpleft'],
  ArrowRight: ['arrowright', 'right', 'rightarrow', 'kpright'],
  CapsLock: ['capslock'],
  NumLock: ['numlock'],
  ScrollLock: ['scrolllock'],
  PrintScreen: ['printscreen', 'print', 'prtsc', 'prtscr'],
  Pause: ['pause', 'break'],
  ContextMenu: ['contextmenu', 'menu', 'apps'],
  BrowserBack: ['browserback', 'xf86back'],
  BrowserForward: ['browserforward', 'xf86forward'],
  BrowserRefresh: ['browserrefresh', 'xf86reload'],
  AudioVolumeUp: ['audiovolumeup', 'volumeup', 'xf86audioraisevolume'],
  AudioVolumeDown: ['audiovolumedown', 'volumedown', 'xf86audiolowervolume'],
  AudioVolumeMute: ['audiovolumemute', 'volumemute', 'xf86audiomute'],
  '+': ['plus', 'add', 'kpadd'],
  '-': ['minus', 'subtract', 'kpsubtract', 'hyphen'],
  '*': ['asterisk', 'multiply', 'kpmultiply'],
  '/': ['slash', 'divide', 'kpdivide'],
  '=': ['equal', 'equals'],
  ',': ['comma', 'separator'],
  '.': ['period', 'decimal', 'dot', 'kpdecimal'],
  ';': ['semicolon'],
  ':': ['colon'],
  "'": ['apostrophe', 'quoteright'],
  '"': ['quotedbl'],
  '`': ['grave', 'backquote', 'quoteleft'],
  '\\': ['backslash'],
  '|': ['bar', 'pipe'],
  '[': ['bracketleft'],
  ']': ['bracketright'],
  '{': ['braceleft'],
  '}': ['braceright'],
  '(': ['parenleft'],
  ')': ['parenright'],
  '<': ['less'],
  '>': ['greater'],
  _: ['underscore'],
  '?': ['question'],
  '!': ['exclam'],
  '@': ['at'],
  '#': ['numbersign'],
  $: ['dollar'],
  '%': ['percent'],
  '^': ['asciicircum'],
  '&': ['ampersand'],
  '~': ['asciitilde'],
}

const functionKeys = Array.from({ length: 24 }, (_, index) => `F${index + 1}`)

const byAlias = new Map<string, string>([
  ...Object.entries(aliases).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
  ...functionKeys.map((name) => [name.toLowerCase(), name] as const),
  ...Array.from({ length: 10 }, (_, digit) => [`kp${digit}`, String(digit)] as const),
])

const modifiers: ReadonlySet<string> = new Set(['Control', 'Shift', 'Alt', 'AltGraph', 'Meta'])

/** The names that have more than one character: all but letters, digits and signs. */
export const namedKeys: readonly string[] = [...Object.keys(aliases).filter((name) => name.length > 1), ...functionKeys]

export function isModifier(key: string): boolean {
  return modifiers.has(key)
}

export function isKey(name: string): boolean {
  return name === ' ' || [...name].length === 1 || byAlias.has(plain(name))
}

/** @throws {ComputerActionError} If no vendor calls a key so. */
export function canonicalKey(name: string): string {
  if (name === ' ') return 'Space'
  if ([...name].length === 1) return name
  const found = byAlias.get(plain(name))
  if (found !== undefined) return found
  throw new ComputerActionError(
    `Cannot read the key "${name.slice(0, 40)}": it must be one character or a name such as Enter, Control or F5`,
    'unknown-key',
  )
}

/** Keys pressed together. `CTRL`, `A` means the letter's key, not a shifted one: models write letters of shortcuts in either case. */
export function canonicalKeys(names: readonly string[]): string[] {
  const keys = names.map(canonicalKey)
  const isShortcut = keys.some((key) => isModifier(key) && key !== 'Shift')
  return isShortcut ? keys.map((key) => (key.length === 1 ? key.toLowerCase() : key)) : keys
}

function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s-]/g, '')
}
