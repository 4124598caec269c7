import type { PageNode, PageSnapshot } from '../page-snapshot.ts'
import { fitOf, ofOneScript, wantedBy } from './claim.ts'
import { classifyAction } from './consent.ts'
import type { Finding } from './verdict.ts'

export interface TreeTargetInput {
  readonly ref?: string | undefined
  readonly at?: { readonly x: number; readonly y: number } | undefined
  readonly claim?: string | undefined
  /** The page as it is now. */
  readonly now: PageSnapshot
  /** The page as the agent has seen it. */
  readonly seen?: PageSnapshot | undefined
}

export interface TreeTarget {
  readonly node: PageNode | undefined
  readonly findings: readonly Finding[]
}

const differs = 0.5
const dialogs = /^(?:dialog|alertdialog)$/

/** What stands on a target by the page's own tree, whether it is what is claimed, and whether something has come over it. */
export function checkTreeTarget({ ref, at, claim, now, seen }: TreeTargetInput): TreeTarget {
  const index = ref === undefined ? indexAt(now, at) : now.nodes.findIndex((node) => node.ref === ref)
  const node = now.nodes[index]
  if (node === undefined) {
    const isGone = ref !== undefined && now.nodes.length > 0
    const was = seen?.nodes.find((one) => one.ref === ref)?.name
    const reason = `what was to be hit${was === undefined || was === '' ? '' : `, "${shown(was)}",`} is not on the page as it is now`
    return { node: undefined, findings: isGone ? [finding('reobserve', 'gone', reason)] : [] }
  }
  return { node, findings: [...mismatch(node, claim), ...arrivals(node, index, now, seen)] }
}

function mismatch({ name, role }: PageNode, claim: string | undefined): Finding[] {
  const wanted = claim === undefined ? undefined : wantedBy({ intent: claim })
  if (wanted === undefined || name === '' || fitOf(name, wanted) >= differs || !ofOneScript(name, wanted)) return []
  const own = classesOf(name, role)
  const claimed = classesOf(claim ?? '', role)
  const isWorse = own.some((one) => !claimed.includes(one))
  return [
    finding(
      isWorse ? 'deny' : 'reobserve',
      'label-mismatch',
      `it would hit "${shown(name)}", but claims to hit "${shown(wanted.texts[0] ?? '')}"`,
    ),
  ]
}

/** A dialog, or something over the target, that was not there when the agent looked. */
function arrivals(node: PageNode, index: number, now: PageSnapshot, seen: PageSnapshot | undefined): Finding[] {
  if (seen === undefined || seen.nodes.length === 0 || seen.url !== now.url) return []
  const known = new Set(seen.nodes.map(({ ref }) => ref))
  const centre = node.box && { x: (node.box.left + node.box.right) / 2, y: (node.box.top + node.box.bottom) / 2 }
  const come = now.nodes.find((other, place) => {
    if (other.ref === undefined || known.has(other.ref) || place === index) return false
    if (node.within.includes(place) || other.within.includes(index)) return false
    return dialogs.test(other.role) || (centre !== undefined && holds(other, centre))
  })
  if (come === undefined) return []
  const what = dialogs.test(come.role) ? 'a dialog' : 'something'
  const named = come.name === '' ? '' : ` ("${shown(come.name)}")`
  return [finding('reobserve', 'overlay', `${what}${named} has come up over the page since it was looked at`)]
}

function indexAt({ nodes }: PageSnapshot, at: TreeTargetInput['at']): number {
  if (at === undefined) return -1
  const areaOf = ({ box }: PageNode) => (box === undefined ? Number.POSITIVE_INFINITY : (box.right - box.left) * (box.bottom - box.top))
  return nodes.reduce((best, node, index) => {
    const least = nodes[best]
    return holds(node, at) && (least === undefined || areaOf(node) <= areaOf(least)) ? index : best
  }, -1)
}

function holds({ box }: PageNode, { x, y }: { readonly x: number; readonly y: number }): boolean {
  return box !== undefined && x >= box.left && x < box.right && y >= box.top && y < box.bottom
}

function classesOf(label: string, role: string): readonly string[] {
  return classifyAction({ action: { type: 'click', button: 'left', count: 1, modifiers: [] }, label, role }).classes
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function finding(verdict: Finding['verdict'], code: string, reason: string): Finding {
  return { layer: 'target', verdict, code, reason }
}
