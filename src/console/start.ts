import { anyPrincipal } from '../../memory/index.ts'
import { checkLocalProviders, checkPools } from '../cli/doctor/models.ts'
import type { Services } from '../operations/services.ts'
import type { StartCheck, StartView } from './wire.ts'

const looked = 200

/** What was detected, what is missing, and the next command: for whoever sees Signalbox for the first time. */
export async function startView(services: Services, signal: AbortSignal): Promise<StartView> {
  const config = services.config()
  const steps = await services.decisions.list(anyPrincipal, { limit: looked })
  const { origin } = config
  const embedder = services.embedder()
  const servers = services.host.servers()
  const pins = services.host.pins().length
  const checks: StartCheck[] = [
    origin.path === undefined
      ? { check: 'configuration', state: 'warn', message: 'none: the embedded defaults run', mend: 'signalbox init' }
      : { check: 'configuration', state: 'ok', message: origin.path, mend: null },
    ...(origin.ignored === undefined
      ? []
      : [
          {
            check: 'configuration',
            state: 'warn',
            message: `${origin.ignored.path} does nothing: ${origin.ignored.reason}`,
            mend: 'signalbox trust',
          } as const,
        ]),
    ...[...checkPools(config), ...(await checkLocalProviders(config, signal))].map((one) => ({ ...one, mend: one.mend ?? null })),
    ...(servers.length === 0
      ? [
          {
            check: 'tools',
            state: 'warn',
            message: 'no tool server is hosted',
            mend: 'add MCP servers under tools: in the configuration',
          } as const,
        ]
      : servers.map(({ name, phase, tools, error }) => ({
          check: `server ${name}`,
          state: error !== undefined || phase === 'failed' ? ('fail' as const) : ('ok' as const),
          message: error ?? `${phase}, ${tools} tools`,
          mend: error === undefined ? null : `look at tools.${name} in the configuration`,
        }))),
    ...(pins === 0 ? [] : [{ check: 'pins', state: 'warn', message: `${pins} tool definitions wait for you`, mend: 'see Tools' } as const]),
    {
      check: 'embedder',
      state: embedder.runtime === 'none' ? 'warn' : 'ok',
      message: embedder.runtime === undefined ? `${embedder.id}, not needed so far` : `${embedder.id} on ${embedder.runtime}`,
      mend: embedder.advice ?? null,
    },
    steps.decisions.length === 0
      ? {
          check: 'clients',
          state: 'warn',
          message: 'nothing has asked yet',
          mend: 'signalbox init adds itself to the clients of this machine',
        }
      : { check: 'clients', state: 'ok', message: clientsOf(steps.decisions), mend: null },
  ]
  return { version: services.version, data_folder: config.dataFolder, checks, next: nextOf(checks, steps.decisions.length > 0) }
}

function clientsOf(decisions: readonly { principal: string; recorded?: unknown }[]): string {
  const names = decisions.map(({ principal, recorded }) => {
    const { client } = (recorded as { step?: { client?: unknown } } | undefined)?.step ?? {}
    return typeof client === 'string' ? client : principal
  })
  return `asked lately: ${[...new Set(names)].slice(0, 10).join(', ')}`
}

/** The one command that brings a newcomer on. */
function nextOf(checks: readonly StartCheck[], hasSteps: boolean): StartView['next'] {
  const is = (check: string, state: StartCheck['state']) => checks.some((one) => one.check === check && one.state === state)
  if (is('configuration', 'warn'))
    return { command: 'signalbox init', why: 'It finds keys, model servers and MCP clients of this machine, and writes a configuration.' }
  if (checks.some(({ state }) => state === 'fail'))
    return { command: 'signalbox doctor', why: 'Something is broken: it says what, and how to mend it.' }
  if (!hasSteps) return { command: 'signalbox ask "When does the ferry leave?"', why: 'The first step: it appears under Steps at once.' }
  return {
    command: 'signalbox policy explain "Refactor this module"',
    why: 'See how the policy decides about words of your own, then change it under Policy.',
  }
}
