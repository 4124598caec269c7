import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addPolicyCheck } from './policy-check.ts'
import { addPolicyConvert } from './policy-convert.ts'
import { addPolicyDiff } from './policy-diff.ts'
import { addPolicyExplain } from './policy-explain.ts'
import { addPolicyTest } from './policy-test.ts'

export function addPolicy(program: Command, terminal: Terminal): void {
  const policy = program.command('policy').description('check, test, explain, compare and convert policies')
  addPolicyCheck(policy, terminal)
  addPolicyTest(policy, terminal)
  addPolicyExplain(policy, terminal)
  addPolicyDiff(policy, terminal)
  addPolicyConvert(policy, terminal)
}
