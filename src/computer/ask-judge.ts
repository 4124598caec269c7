import type { AskJudge } from '../../tools/computer/guard/judge.ts'
import type { Config } from '../config/config.ts'
import { dispatchStep } from '../dispatch/dispatch.ts'
import type { Line } from '../dispatch/line.ts'
import { capsOf, reachOf } from '../reach.ts'
import type { RunScope } from '../runs/run.ts'

const longestAnswer = 100

/** The pool that the policy names as the guard's judge, as a step of its own; `undefined` where it names none. */
export function judgeOf(
  services: Line & { readonly config: () => Pick<Config, 'profiles' | 'roles'> },
  scope: Pick<RunScope, 'caller' | 'signal' | 'spend'>,
): AskJudge | undefined {
  const pool = services.policy().default.guards?.computer?.judge
  if (pool === undefined) return undefined
  const { caller } = scope
  return async ({ system, user }, { signal = scope.signal }) => {
    const { outcome } = await dispatchStep(
      services,
      {
        principal: caller.principal,
        client: caller.client?.name,
        roles: caller.roles,
        mayUsePool: reachOf(caller, services.config()).pool,
        caps: capsOf(caller),
        thread: undefined,
        messages: [{ role: 'user', content: [{ type: 'text', text: user }] }],
        system,
        pool,
        maxOutputTokens: longestAnswer,
      },
      { signal, onSpend: scope.spend },
    )
    return outcome.text
  }
}
