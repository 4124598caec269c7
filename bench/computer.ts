import { benchAdded } from './computer/added.ts'
import { benchConsent } from './computer/consent.ts'
import { benchFormats } from './computer/formats.ts'
import { benchFreshness } from './computer/freshness.ts'
import { benchIcons } from './computer/icons.ts'
import { benchInjections } from './computer/injections.ts'
import { benchRaces } from './computer/races.ts'
import { frozenSets } from './computer/rows.ts'
import { benchScreen } from './computer/screen.ts'
import { benchMadeSecrets, benchSecretSheets } from './computer/secret-sheets.ts'
import { benchSecrets } from './computer/secrets.ts'
import { benchTarget } from './computer/target.ts'
import { benchTargets } from './computer/targets.ts'
import { benchTokens } from './computer/tokens.ts'
import { printVectors } from './computer/vectors.ts'

/* Measures what stands between a computer-use agent and the screen. `--only=freshness,targets` runs some parts, `--details` names each miss.
 * On the frozen data `--set=second` takes the second set, `--half=held` the half that is kept for the report, and `--limit=100` a sample. */

const details = process.argv.includes('--details')
const half = optionOf('half') === 'held' ? 'held' : 'open'
const wantedSet = optionOf('set') ?? 'first'
const set = frozenSets.find((one) => one === wantedSet)
if (set === undefined) throw new RangeError(`Cannot measure set "${wantedSet}": the sets are ${frozenSets.join(', ')}`)
const limit = optionOf('limit') === undefined ? undefined : Number(optionOf('limit'))
const frozen = { set, half, limit, details } as const
const parts: Record<string, () => Promise<void>> = {
  added: () => benchAdded(frozen),
  consent: async () => benchConsent(frozen),
  formats: () => benchFormats({ details }),
  icons: () => benchIcons({ details }),
  freshness: () => benchFreshness({ details }),
  screen: () => benchScreen({ details }),
  secrets: () => benchSecrets({ details }),
  target: () => benchTarget({ details }),
  injections: () => benchInjections(frozen),
  races: () => benchRaces(frozen),
  'secret-sheets': () => benchSecretSheets(frozen),
  'made-secrets': () => benchMadeSecrets(frozen),
  targets: () => benchTargets(frozen),
  tokens: benchTokens,
  vectors: async () => printVectors(),
}

const only = optionOf('only')?.split(',')
const unknown = only?.find((name) => !(name in parts))
if (unknown !== undefined) throw new RangeError(`Cannot measure "${unknown}": the parts are ${Object.keys(parts).join(', ')}`)
for (const [name, run] of Object.entries(parts)) {
  if (only === undefined || only.includes(name)) await run()
}

function optionOf(option: string): string | undefined {
  return process.argv.find((argument) => argument.startsWith(`--${option}=`))?.slice(option.length + 3)
}
