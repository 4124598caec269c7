import type { Deployment } from '../../models/deployment.ts'
import { type ImageRule, imageRule } from '../../models/images.ts'
import type { Line } from '../dispatch/line.ts'

/** The rule by which a model gets its pictures; `undefined` for one that is not configured any more. */
export function sentBy({ pools }: Pick<Line, 'pools'>, deployment: Deployment['id']): ImageRule | undefined {
  const found = pools()
    .flatMap(({ deployments }) => deployments)
    .find(({ id }) => id === deployment)
  return found && imageRule(found.imageRule)
}
