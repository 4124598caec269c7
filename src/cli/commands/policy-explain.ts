import type { Command } from 'commander'
import type { Given, givenSchema } from '../../../policies/index.ts'
import { UsageError } from '../failures.ts'
import { collect, textArgument, wholeNumber } from '../given.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

interface ExplainOptions extends GlobalOptions {
  readonly policy?: string
  readonly pool?: string
  readonly model?: string
  readonly tools?: number
  readonly images?: number
  readonly inputTokens?: number
  readonly kind?: Given['kind']
  readonly previousModel?: string
  readonly role?: readonly string[]
}

const kinds = ['user_turn', 'continuation', 'background'] as const

export function addPolicyExplain(policy: Command, terminal: Terminal): void {
  policy
    .command('explain')
    .description('say how a policy decides about a step: the plan, which rules fired, which nearly did, and why not')
    .argument('[text]', 'what the person says; - or nothing reads it from stdin')
    .option('--policy <policy>', 'a shipped policy or a file; the one of the configuration unless given')
    .option('--pool <name>', 'the pool that the caller asks for')
    .option('--model <provider/model>', 'the model that the caller asks for')
    .option('--tools <n>', 'how many tools are offered', wholeNumber('--tools'))
    .option('--images <n>', 'how many images go along', wholeNumber('--images'))
    .option('--input-tokens <n>', 'how long it is; estimated unless given', wholeNumber('--input-tokens'))
    .option('--kind <kind>', `whose turn it is: ${kinds.join(', ')}`)
    .option('--previous-model <provider/model>', 'the model of the step before')
    .option('--role <role>', 'a role of the caller; can be repeated', collect)
    .action(async (text: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExplainOptions>()
      const policies = await import('../../../policies/index.ts')
      const given = toGiven(policies.givenSchema, await textArgument(text, 'the text', terminal), options)
      await withPolicyBench(terminal, options, async ({ read, pools, embedder, config }) => {
        const { data, ...found } = await read(options.policy)
        const served = policies.parsePolicy(data, { ...found, pools, embedder })
        const budget = { usd_per_call: config.budget.usdPerCall, usd_per_day: config.budget.usdPerDay, spent_today_usd: 0 }
        const { plan, facts, choice } = await policies.planGiven(
          { ...given, budget },
          { policy: served, pools, embedder, decision: 'policy explain' },
        )
        const rules = policies.accountForRules(served, facts, choice)
        if (options.json === true) printJson(terminal, { plan, rules })
        else printText(terminal, [...policies.explainPlan(plan), ...policies.explainRules(rules)].join('\n'))
      })
    })
}

function toGiven(schema: typeof givenSchema, text: string, options: ExplainOptions): Given {
  const parsed = schema.safeParse({
    text,
    kind: options.kind,
    tools_offered: options.tools,
    images: options.images,
    input_tokens: options.inputTokens,
    asked_pool: options.pool,
    asked_model: options.model,
    previous_model: options.previousModel,
    roles: options.role,
  })
  if (parsed.success) return parsed.data
  throw new UsageError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
}
