import type { Signalbox } from '../../signalbox.ts'
import { runOperation, settleServers } from '../run-operation.ts'
import type { Terminal } from '../terminal.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** What only an open Signalbox can tell: its servers, its memory and its embedder. */
export async function checkBox(signalbox: Signalbox, terminal: Terminal): Promise<Finding[]> {
  await settleServers(signalbox, terminal)
  // The embedder is loaded by its first use.
  await runOperation(signalbox, 'recall', { query: 'doctor', limit: 1 }, terminal)
  const { structured = {} } = await runOperation(signalbox, 'status', {}, terminal)
  return [...checkServers(signalbox), ...checkPins(signalbox), checkMemory(structured['memory']), checkEmbedder(structured['embedder'])]
}

function checkServers({ host }: Signalbox): Finding[] {
  return host.servers().map(({ name, phase, tools, error, protocol }) => {
    const check = `server ${name}`
    if (error !== undefined || phase === 'failed')
      return fail(check, error ?? 'it could not be started', `look at tools.${name} in the configuration`)
    return ok(check, `${tools} tools${protocol === undefined ? '' : `, MCP ${protocol}`}`)
  })
}

function checkPins({ host }: Signalbox): Finding[] {
  const waiting = host.pins().length
  return waiting === 0
    ? []
    : [
        warn(
          'pins',
          `${waiting} tool definitions changed and are held back`,
          'read them: signalbox tools diff; approve: signalbox tools pin NAME',
        ),
      ]
}

function checkMemory(memory: unknown): Finding {
  const { location, bytes } = memory as { location?: string; bytes?: number }
  return ok('memory', `${location}, ${((bytes ?? 0) / 1e6).toFixed(1)} MB`)
}

function checkEmbedder(embedder: unknown): Finding {
  const { id, runtime, error, advice } = embedder as { id: string; runtime: string; error?: string; advice?: string }
  if (runtime === 'none')
    return warn('embedder', `none works (${error ?? 'unknown reason'}): search is by words alone`, advice ?? 'see the reason')
  if (advice !== undefined) return warn('embedder', `${id} on ${runtime}`, advice)
  return ok('embedder', `${id} on ${runtime}`)
}
