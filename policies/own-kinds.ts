import { kindName } from './kind-name.ts'
import { selectorKindNames } from './selectors/kinds.ts'
import type { SelectorKind } from './selectors/selector.ts'
import { signalKindNames } from './signals/kinds.ts'
import type { SignalKind } from './signals/signal.ts'

/** Kinds of signals and selectors that a program brings which embeds Signalbox; its policies name them like ours. */
export interface OwnKinds {
  readonly signals?: readonly SignalKind[] | undefined
  readonly selectors?: readonly SelectorKind[] | undefined
}

/** @throws {TypeError} If a kind has no name. @throws {RangeError} If two have the same, or one has that of ours. */
export function checkOwnKinds({ signals = [], selectors = [] }: OwnKinds): void {
  checkNames('signal', signals.map(kindName), signalKindNames)
  checkNames('selector', selectors.map(kindName), selectorKindNames)
}

function checkNames(what: string, names: readonly string[], ours: readonly string[]): void {
  names.forEach((name, index) => {
    if (ours.includes(name)) throw new RangeError(`Cannot add the ${what} "${name}": one of that name comes with Signalbox`)
    if (names.indexOf(name) !== index) throw new RangeError(`Cannot add the ${what} "${name}": it must be given once`)
  })
}
