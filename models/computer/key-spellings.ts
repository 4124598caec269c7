import type { Environment } from './format.ts'
import { canonicalKeys } from './keys.ts'

const keysyms: Readonly<Record<string, string>> = {
  Control: 'ctrl',
  Shift: 'shift',
  Alt: 'alt',
  AltGraph: 'ISO_Level3_Shift',
  Meta: 'super',
  Enter: 'Return',
  Space: 'space',
  Backspace: 'BackSpace',
  PageUp: 'Page_Up',
  PageDown: 'Page_Down',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  CapsLock: 'Caps_Lock',
  NumLock: 'Num_Lock',
  ScrollLock: 'Scroll_Lock',
  PrintScreen: 'Print',
  ContextMenu: 'Menu',
  BrowserBack: 'XF86Back',
  BrowserForward: 'XF86Forward',
  BrowserRefresh: 'XF86Reload',
  AudioVolumeUp: 'XF86AudioRaiseVolume',
  AudioVolumeDown: 'XF86AudioLowerVolume',
  AudioVolumeMute: 'XF86AudioMute',
  '+': 'plus',
  '-': 'minus',
  '*': 'asterisk',
  '/': 'slash',
  '=': 'equal',
  ',': 'comma',
  '.': 'period',
  ';': 'semicolon',
  ':': 'colon',
  "'": 'apostrophe',
  '"': 'quotedbl',
  '`': 'grave',
  '\\': 'backslash',
  '|': 'bar',
  '[': 'bracketleft',
  ']': 'bracketright',
  '{': 'braceleft',
  '}': 'braceright',
  '(': 'parenleft',
  ')': 'parenright',
  '<': 'less',
  '>': 'greater',
  _: 'underscore',
  '?': 'question',
  '!': 'exclam',
  '@': 'at',
  '#': 'numbersign',
  $: 'dollar',
  '%': 'percent',
  '^': 'asciicircum',
  '&': 'ampersand',
  '~': 'asciitilde',
}

/** `ctrl+shift+t`, as Anthropic has it after xdotool. Blanks part chords that are pressed one after another. */
export function readKeysyms(text: string): string[][] {
  return text
    .trim()
    .split(/\s+/)
    .filter((chord) => chord !== '')
    .map((chord) => canonicalKeys(splitPlus(chord)))
}

export function writeKeysyms(keys: readonly string[]): string {
  return keys.map((key) => keysyms[key] ?? key).join('+')
}

/** `control+a`, as Google's older models have it. */
export function readPlusKeys(text: string): string[] {
  return canonicalKeys(splitPlus(text.trim()))
}

/** `control`, `a`: the words of Google's models. */
export function toGeminiKey(key: string): string {
  if (key === 'Meta') return 'command'
  if (key === '+') return 'add'
  return key.startsWith('Arrow') ? key.slice('Arrow'.length).toLowerCase() : nameInLowerCase(key)
}

/** `CTRL`, `ENTER`: OpenAI's. */
export function toOpenAiKey(key: string, environment: Environment): string {
  if (key === 'Control') return 'CTRL'
  if (key === 'Escape') return 'ESC'
  if (key === 'Meta') return environment === 'mac' ? 'CMD' : environment === 'windows' ? 'WIN' : 'SUPER'
  return key.length === 1 ? key : key.toUpperCase()
}

/** `ctrl`, `enter`: pyautogui's, which Qwen and UI-TARS were trained on. */
export function toShortKey(key: string, environment: Environment): string {
  if (key === 'Control') return 'ctrl'
  if (key === 'Escape') return 'esc'
  if (key === 'Meta') return environment === 'mac' ? 'command' : 'win'
  return key.startsWith('Arrow') ? key.slice('Arrow'.length).toLowerCase() : nameInLowerCase(key)
}

function nameInLowerCase(key: string): string {
  return key.length === 1 ? key : key.toLowerCase()
}

/** The sign itself may be a key: `ctrl++`. */
function splitPlus(chord: string): string[] {
  if (chord === '+') return ['+']
  const isPlusLast = chord.endsWith('++')
  const names = (isPlusLast ? chord.slice(0, -2) : chord).split('+')
  return isPlusLast ? [...names, '+'] : names
}
