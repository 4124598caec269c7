import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishedServer, testHost } from '../../test/support/servers/host.ts'
import type { HostedTool } from '../../tools/tool.ts'

/** The tools of the four published servers, as they list them themselves. */
export async function publishedTools(): Promise<readonly HostedTool[]> {
  const host = testHost([
    publishedServer('files', 'filesystem', [tmpdir()]),
    publishedServer('memory', 'memory', [], { env: { MEMORY_FILE_PATH: join(tmpdir(), 'signalbox-bench-memory.jsonl') } }),
    publishedServer('everything', 'everything'),
    publishedServer('thinking', 'sequential-thinking'),
  ])
  host.start()
  await host.settled()
  const { tools } = host.catalogue()
  await host.close()
  return tools
}
