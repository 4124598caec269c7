import { benchFreshness } from './computer/freshness.ts'
import { benchScreen } from './computer/screen.ts'
import { benchSecrets } from './computer/secrets.ts'
import { benchTarget } from './computer/target.ts'
import { benchTokens } from './computer/tokens.ts'
import { printVectors } from './computer/vectors.ts'

/* Measures what stands between a computer-use agent and the screen. `--only=freshness` runs one part, `--details` names each miss. */

const details = process.argv.includes('--details')
const parts: Record<string, () => Promise<void>> = {
  freshness: () => benchFreshness({ details }),
  screen: () => benchScreen({ details }),
  secrets: () => benchSecrets({ details }),
  target: () => benchTarget({ details }),
  tokens: benchTokens,
  vectors: async () => printVectors(),
}

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)
if (only !== undefined && !(only in parts)) {
  throw new RangeError(`Cannot measure "${only}": the parts are ${Object.keys(parts).join(', ')}`)
}
for (const [name, run] of Object.entries(parts)) {
  if (only === undefined || only === name) await run()
}
