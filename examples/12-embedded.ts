// Signalbox inside a program of your own: the same operations as over MCP, without a second process.
//
//     npx node examples/12-embedded.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSignalbox } from 'signalbox'

// A memory of its own, so that the example leaves nothing behind; without `dataFolder` it is the one of the command line.
const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-example-'))
const signalbox = await createSignalbox({ config: { budget: { usd_per_day: 5 } }, dataFolder })
try {
  const { text } = await signalbox.call('ask', {
    prompt: 'When does the ferry leave?',
    files: [{ name: 'ferry.txt', text: 'The ferry leaves at 07:40 from quay four. Dogs stay on deck.' }],
  })
  console.log(text)

  // Each user of your program is a principal: nobody sees another's threads and memories.
  await signalbox.call('remember', { text: 'Ada travels with two bicycles.' }, { principal: 'ada' })
  for (const principal of ['ada', 'bob']) {
    const recalled = await signalbox.call('recall', { query: 'Who has bicycles?' }, { principal })
    console.log(`${principal}:`, recalled.text.split('\n')[0])
  }

  const plan = await signalbox.call('plan_step', { prompt: 'Translate good morning into Danish' })
  console.log(`Plan: pool ${plan.structured?.['pool']}, rule ${plan.structured?.['rule']}`)
} finally {
  await signalbox.close()
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 3 })
}
