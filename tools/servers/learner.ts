import { canonicalJson, emptyListing, type Listing } from '../definitions.ts'
import type { Log } from '../log.ts'
import type { CatalogueKeeper, ServerOptions } from '../tool.ts'
import { type Capabilities, relayable } from './capabilities.ts'
import { type ConnectedLane, capabilitiesKey } from './lanes.ts'
import { keepKnown, missingFrom, parseSnapshot, type Snapshot, storableSnapshot, withHidden } from './snapshot.ts'

/** Clients declare few different things; one that makes them up fills nothing. */
const maxKinds = 16

export interface LearnerOptions {
  server: string
  transport: ServerOptions['transport']
  keeper: CatalogueKeeper
  log: Log
  clock: () => number
  /** What the server lists to a client that can answer everything. */
  listWithAll(): Promise<Listing>
}

/**
 * What is known of a server's lists, over runs.
 *
 * Servers of 2025 may hide a tool from clients that could not answer its questions. The catalogue is the same for all
 * callers, so it has what is listed to a client that can answer everything, whoever the connection at hand belongs to.
 */
export interface Learner {
  readonly listing: Listing
  /** The server has answered in this run. */
  readonly confirmed: boolean
  readonly hasSnapshot: boolean
  readonly isLegacy: boolean
  /** What to tell a server that is started for nobody in particular. */
  spareCapabilities(): Capabilities
  load(): Promise<void>
  /** A caller that declares these has come: the next run is ready for it. */
  remember(capabilities: Capabilities): Promise<void>
  /** Takes up what a connection lists. Resolves, durably, to whether that is news. */
  takeUp(lane: ConnectedLane, seen: Listing): Promise<boolean>
}

export function createLearner({ server, transport, keeper, log, clock, listWithAll }: LearnerOptions): Learner {
  let snapshot: Snapshot | undefined
  let confirmed = false

  async function store(next: Snapshot): Promise<void> {
    const isKept = snapshot?.isChecked === true && next.listing === snapshot.listing && besides(next) === besides(snapshot)
    snapshot = { ...next, isChecked: true }
    if (isKept) return
    try {
      await keeper.save(server, storableSnapshot(next, transport))
    } catch (error) {
      log.error(`What server "${server}" lists cannot be kept: the next start has to wait for it`, { error })
    }
  }

  /** By kind and name: what is not listed with these capabilities, and what describes it. */
  async function hiddenFrom(lane: ConnectedLane, seen: Listing): Promise<{ hidden: readonly string[]; source: Listing }> {
    const source = snapshot?.listing ?? emptyListing
    if (lane.connection.era === 'modern' || lane.key === capabilitiesKey(relayable)) return { hidden: [], source }
    const known = snapshot?.hidden[lane.key]
    if (known) return { hidden: known, source }
    const all = confirmed ? source : await listWithAll()
    return { hidden: missingFrom(all, seen), source: all }
  }

  return {
    get listing() {
      return snapshot?.listing ?? emptyListing
    },
    get confirmed() {
      return confirmed
    },
    get hasSnapshot() {
      return snapshot !== undefined
    },
    get isLegacy() {
      return snapshot?.era === 'legacy'
    },

    spareCapabilities: () => (snapshot?.era === 'legacy' ? (snapshot.lastCapabilities ?? relayable) : relayable),

    async load() {
      try {
        snapshot = parseSnapshot(await keeper.load(server), transport, clock())
      } catch (error) {
        log.warn(`What server "${server}" listed in the last run cannot be read: it is asked again`, { error })
      }
    },

    async remember(capabilities) {
      if (snapshot?.era === 'legacy') await store({ ...snapshot, lastCapabilities: capabilities })
    },

    async takeUp(lane, seen) {
      const { hidden, source } = await hiddenFrom(lane, seen)
      const { era } = lane.connection
      const listing = keepKnown(withHidden(seen, source, hidden), snapshot?.listing ?? emptyListing)
      const isSame = listing === snapshot?.listing
      const before = snapshot?.era === era ? snapshot : undefined
      confirmed = true
      await store({
        listing,
        era,
        learntAt: before?.learntAt ?? clock(),
        lastCapabilities: snapshot?.lastCapabilities,
        hidden: era === 'modern' ? {} : newest({ ...before?.hidden, [lane.key]: hidden }),
      })
      return !isSame
    },
  }
}

function besides({ era, learntAt, lastCapabilities, hidden }: Snapshot): string {
  return canonicalJson({ era, learntAt, lastCapabilities, hidden })
}

function newest(hidden: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(hidden).slice(-maxKinds))
}
