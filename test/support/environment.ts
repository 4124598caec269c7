import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const compiled = join(import.meta.dirname, '../../node_modules/.cache/signalbox-tests')
const keys = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'SIGNALBOX_CONFIG']

/** Runs once before all tests: none of them may reach the data, the configuration or the paid keys of the person who runs them. */
export default function setup(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-test-home-'))
  process.env['SIGNALBOX_HOME'] = home
  // An instance ends with its last client: nothing that a test has started outlives it.
  process.env['SIGNALBOX_LINGER_S'] = '0'
  // Keyed by content: what changed is compiled anew.
  mkdirSync(compiled, { recursive: true })
  process.env['NODE_COMPILE_CACHE'] = compiled
  for (const key of keys) delete process.env[key]
  return () => rmSync(home, { recursive: true, force: true, maxRetries: 3 })
}
