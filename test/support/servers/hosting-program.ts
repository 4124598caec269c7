/** A process that hosts stubborn servers until somebody kills it; prints the ids of all processes that it caused. */
import { scriptServer, testHost } from './host.ts'

const servers = ['one', 'two'].map((name) => scriptServer(name, 'unruly.ts', ['stubborn']))
const host = testHost(servers)
host.start()
await host.settled()
const pids: number[] = []
for (const { name } of servers) {
  const { content } = await host.call(`${name}_pids`, {}, { principal: 'local' })
  pids.push(...JSON.parse((content as { text: string }[])[0]?.text ?? '[]'))
}
console.log(JSON.stringify(pids))
if (process.argv.includes('--leave')) process.exit(0)
setInterval(() => undefined, 1000)
