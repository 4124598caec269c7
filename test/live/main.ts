import { runLiveLine } from './live-line.ts'

/*
 * The failure matrix on real services, as far as they can be brought to show it: `npm run live`. It spends real money, under
 * a cap, and keeps cleaned cassettes that the tests replay.
 *
 *   --max-usd=0.50  --openai-model=gpt-5-nano  --anthropic-model=claude-haiku-4-5  --cassettes=test/cassettes
 *   --openai-url=…/v1  --anthropic-url=…
 */

const leaving = new AbortController()
process.once('SIGINT', () => leaving.abort(new Error('Stopped')))
process.exitCode = await runLiveLine(process.argv.slice(2), {
  env: process.env,
  signal: leaving.signal,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
