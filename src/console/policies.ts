import { access, copyFile, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import type { Embedder } from '../../models/embedder.ts'
import { diffPolicies, explainPlan, type OwnKinds, type Policy, PolicyError, parsePolicy, runPolicyTests } from '../../policies/index.ts'
import { sha256 } from '../../tools/definitions.ts'
import { writePrivateFile } from '../config/private-file.ts'
import { shippedPolicies } from '../config/schema.ts'
import { extractivePool } from '../dispatch/line.ts'
import { lineDifference } from '../line-difference.ts'
import { type Askable, type PolicyText, parsePolicyText, policyPath, readPolicy } from '../load-policy.ts'
import { InputError } from '../operations/errors.ts'
import type { Services } from '../operations/services.ts'
import { createConversations, planAgain } from '../replay/plan-again.ts'
import { replay } from '../replay/replay.ts'
import { readReplayable, toReplayable } from '../replay/replayable.ts'
import type { PolicyCheck, PolicyReplay, PolicyState, WhatIf } from './wire.ts'

export interface Policies {
  state(): Promise<PolicyState>
  check(text: string, signal: AbortSignal): Promise<PolicyCheck>
  /** `undefined`: there is no such step. @throws {InputError} If it cannot be planned again. */
  whatIf(id: string, policy: GivenPolicy, signal: AbortSignal): Promise<WhatIf | undefined>
  replay(policy: GivenPolicy, hours: number, signal: AbortSignal): Promise<PolicyReplay>
  /**
   * Writes the text where the configuration reads it; whoever watches the configuration takes it up.
   *
   * @throws {InputError} If it could not be served, is not the text that was checked, or the file has changed meanwhile.
   */
  publish(given: { text: string; checked: string; base: string }, signal: AbortSignal): Promise<{ path: string }>
}

/** A shipped one by its name, or a text that nobody has saved. */
export type GivenPolicy = { readonly name: string } | { readonly text: string }

const editor = 'the editor'
/** More of them say little more, and the person waits. */
const mostReplayed = 2000

/** Nothing leaves the machine for a policy that is only looked at: a signal that would ask somebody is unscored. */
const nobody: Askable = {
  classify: async () => {
    throw new Error('nobody is asked for a policy that is only looked at')
  },
  callTool: async () => {
    throw new Error('nobody is asked for a policy that is only looked at')
  },
}

export function createPolicies(services: Services, embedder: Embedder, own?: OwnKinds): Policies {
  const aside: Askable = { ...nobody, own }
  const { config, decisions, embedText } = services
  let generation = 0
  let served: Policy | undefined

  const surroundings = () => ({ pools: services.pools(), embedder, ...aside })
  const folder = () => dirname(policyPath(config().policy))
  const textNow = () => readFile(policyPath(config().policy), 'utf8')

  async function read(given: GivenPolicy): Promise<Policy> {
    try {
      const { data, ...text } = await dataOf(given)
      return parsePolicy(data, { ...text, ...surroundings() })
    } catch (error) {
      // The owner wrote it, and may read what is wrong with it.
      throw error instanceof PolicyError ? new InputError(error.message, { cause: error }) : error
    }
  }

  async function dataOf(given: GivenPolicy): Promise<PolicyText> {
    if ('text' in given) return parsePolicyText(given.text, { source: editor, folder: folder() })
    const name = shippedPolicies.find((one) => one === given.name)
    if (name !== undefined) return readPolicy({ kind: 'shipped', name })
    if (given.name === services.policy().name) return readPolicy(config().policy)
    throw new InputError(`Cannot read the policy "${given.name}": it must be the served one or one of ${shippedPolicies.join(', ')}`)
  }

  async function check(text: string, signal: AbortSignal): Promise<PolicyCheck> {
    const difference = lineDifference(await textNow(), text)
    const checked = { sha256: sha256(text), difference, name: null, findings: [], tests: [], diff: null, can_be_served: false }
    try {
      const { data, ...own } = await dataOf({ text })
      const policy = parsePolicy(data, { ...own, ...surroundings() })
      const { lintDeeply } = await import('../../policies/linter/lint.ts')
      const pools = services.pools().filter(({ name }) => name !== extractivePool)
      const findings = await lintDeeply(policy, { pools, embedder, signal })
      const before = { ...(await readPolicy(config().policy)), ...aside }
      const [tests, diff] = [
        await runPolicyTests(data, { ...own, ...surroundings() }),
        await diffPolicies(before, { data, ...own, ...aside }, { pools: services.pools(), embedder }),
      ]
      const isFaulty = findings.some(({ severity }) => severity === 'error')
      return { ...checked, name: policy.name, issues: [], findings, tests, diff, can_be_served: !isFaulty }
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      return { ...checked, issues: error.issues }
    }
  }

  return {
    check,

    async state() {
      if (served !== services.policy()) generation += 1
      served = services.policy()
      const text = await textNow()
      return {
        name: served.name,
        kind: config().policy.kind,
        ...targetOf(config()),
        text,
        sha256: sha256(text),
        shipped: shippedPolicies,
        generation,
      }
    },

    async whatIf(id, given, signal) {
      const record = await decisions.ofAnybody(id)
      if (record === undefined) return undefined
      const replayable = toReplayable(record)
      if (replayable === undefined) throw new InputError('Cannot plan the step again: it is not kept any more')
      const policy = await read(given)
      const plan = await planAgain(replayable, createConversations(), { policy, pools: services.pools(), embedText, signal })
      const note = 'Planned as the first step of its conversation, with the pools of now: what a prompt cache held then is not counted.'
      return { policy: policy.name, plan, words: explainPlan(plan), note }
    },

    async replay(given, hours, signal) {
      const policy = await read(given)
      const history = await readReplayable(decisions, { since: services.now() - hours * 3_600_000, most: mostReplayed, signal })
      const report = await replay(history.decisions, { policy, pools: services.pools(), embedText, signal })
      return { ...report, flips: report.flips.slice(0, 100), skipped: history.skipped, more: history.more }
    },

    async publish({ text, checked, base }, signal) {
      if (sha256(text) !== checked) throw new InputError('Cannot publish: the text is not the one that was checked')
      if (sha256(await textNow()) !== base)
        throw new InputError('Cannot publish: the policy has changed since it was opened here; reload it')
      if (!(await check(text, signal)).can_be_served) throw new InputError('Cannot publish: the policy could not be served')
      const { target, no_target: none, changes_config: configPath } = targetOf(config())
      if (target === null) throw new InputError(`Cannot publish: ${none}`)
      if (configPath !== null) {
        if (await exists(target)) throw new InputError(`Cannot publish: ${target} is there already, and the configuration does not name it`)
        await writePrivateFile(target, text)
        await namePolicy(configPath, `./${ownFile}`)
      } else await writePrivateFile(target, text, (await stat(target)).mode & 0o777)
      return { path: target }
    },
  }
}

const ownFile = 'policy.yaml'

function targetOf({ policy, origin }: ReturnType<Services['config']>): Pick<PolicyState, 'target' | 'no_target' | 'changes_config'> {
  const none = (reason: string) => ({ target: null, no_target: reason, changes_config: null })
  if (policy.kind === 'file') return { target: policy.path, no_target: null, changes_config: null }
  if (origin.path === undefined) return none('there is no configuration that could name it; "signalbox init" writes one')
  if (origin.kind === 'folder')
    return none(`${origin.path} is trusted as it is; save the text beside it, name it under policy:, and run "signalbox trust"`)
  return { target: join(dirname(origin.path), ownFile), no_target: null, changes_config: origin.path }
}

/** Everything else of the file stays as its author wrote it; what was there before lies beside it. */
async function namePolicy(path: string, policy: string): Promise<void> {
  const document = parseDocument(await readFile(path, 'utf8'))
  document.set('policy', policy)
  await copyFile(path, `${path}.before-policy`)
  await writePrivateFile(path, document.toString({ lineWidth: 0 }), (await stat(path)).mode & 0o777)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
