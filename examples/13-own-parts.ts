// A provider, a signal and a selector of your own, each in a file beside this one, and a policy that names them.
//
//     npx node examples/13-own-parts.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSignalbox } from 'signalbox'
import { timetable } from './13-own-provider.ts'
import { shortToLast } from './13-own-selector.ts'
import { shouting } from './13-own-signal.ts'

const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-example-'))
const signalbox = await createSignalbox({
  config: {
    pools: { ferries: { models: ['timetable/polite', 'timetable/brief'] } },
    policy: join(import.meta.dirname, '13-own-parts.policy.yaml'),
  },
  dataFolder,
  providers: [timetable],
  signals: [shouting],
  selectors: [shortToLast],
})
try {
  for (const prompt of ['Ferry?', 'I would like to know when the next ferry to Hven leaves, please.', 'WHEN DOES THE FERRY LEAVE???']) {
    const { structured: answer } = await signalbox.call('ask', { prompt })
    const { structured: plan } = await signalbox.call('plan_step', { prompt })
    console.log(`${prompt}\n  ${answer?.['model']}, by rule ${plan?.['rule']}: ${answer?.['text']}`)
  }
} finally {
  await signalbox.close()
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 3 })
}
