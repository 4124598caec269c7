import { anyPrincipal, everyone } from '../../memory/index.ts'
import type { Commitments, OwnedCommitment } from '../commitments.ts'
import type { CommitmentView } from './wire.ts'

/** Of all callers; what waits for the owner's word first, then what was laid down last. */
export async function listCommitments(commitments: Pick<Commitments, 'list'>): Promise<CommitmentView[]> {
  const all = (await commitments.list(anyPrincipal)).map(toView)
  const rank = ({ state }: CommitmentView) => (state === 'proposed' ? 0 : 1)
  return all.toSorted((one, other) => rank(one) - rank(other) || other.created_at - one.created_at)
}

/** As on the command line: whoever holds the token of the instance owns it. */
export async function changeCommitment(
  commitments: Pick<Commitments, 'list' | 'accept' | 'lift'>,
  id: string,
  verb: 'accept' | 'lift',
): Promise<CommitmentView | undefined> {
  const before = (await commitments.list(anyPrincipal)).find((one) => one.id === id)
  const changed = before && (await commitments[verb](anyPrincipal, id))
  return changed && toView({ ...changed, principal: before.principal })
}

function toView({ id, principal, state, by, text, createdAt, expiresAt, boundary }: OwnedCommitment): CommitmentView {
  return {
    id,
    binds: principal === everyone ? 'everyone' : principal,
    state,
    by,
    text,
    deeds: boundary.deeds,
    objects: boundary.objects.flatMap((words) => words[0] ?? []),
    tools: boundary.tools,
    sites: boundary.domains,
    created_at: createdAt,
    expires_at: expiresAt,
  }
}
