import type { ComputerAction } from '../../models/computer/action.ts'
import type { IconReader } from '../../models/local/icons/index.ts'
import type { Ocr } from '../../models/local/ocr/index.ts'
import { noTaint } from '../../models/taint.ts'
import { type Judged, judgeOnScreen } from '../../src/computer/judged.ts'
import { defaultRules } from '../../tools/computer/guard/rules.ts'
import type { LayerName } from '../../tools/computer/guard/verdict.ts'
import { framesOf } from './frames-of.ts'
import type { Screen } from './render.ts'

export interface GuardedClick {
  readonly action: ComputerAction
  readonly claim: string
  readonly decidedOn: Screen
  readonly screen: Screen
}

/** What reads the screens, as the product has it. */
export interface Readers {
  readonly ocr: Ocr
  readonly signs: IconReader
}

/** One action under all layers, joined as the product joins them; nothing was asked for, and nothing was read before. */
export async function guarded({ action, claim, decidedOn, screen }: GuardedClick, readers: Readers | undefined): Promise<Judged> {
  const seen = await framesOf(decidedOn, screen)
  const tools = { ocr: readers?.ocr, signs: readers?.signs, knowledge: undefined, rules: defaultRules }
  const around = { taint: noTaint, claim, url: screen.url, index: 0 }
  return judgeOnScreen(action, seen, around, tools, new AbortController().signal)
}

/** What these layers have against it: a person's yes to a consequence, or to what nobody could look at, is another matter. */
export function stoppedBy({ findings }: Judged, layers: readonly LayerName[]): readonly string[] {
  return findings
    .filter(({ layer, verdict, code }) => layers.includes(layer) && verdict !== 'allow' && code !== 'unscored')
    .map(({ code }) => code)
}

export function clickAt(at: { x: number; y: number }): ComputerAction {
  return { type: 'click', at, button: 'left', count: 1, modifiers: [] }
}
