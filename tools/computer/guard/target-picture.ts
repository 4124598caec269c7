import type { Point } from '../../../models/computer/action.ts'
import { EmbedderError, ImageError } from '../../../models/errors.ts'
import type { Raster } from '../../../models/images/raster.ts'
import { surfaceAt } from './surface.ts'
import { around, outer, shown } from './target.ts'
import type { TargetPictures } from './target-knowledge.ts'
import type { Finding, LayerReport } from './verdict.ts'

/** Of what has no face of its own, so much around the point. */
const icon = { width: 64, height: 64 }

/**
 * Whether what is clicked looks like a target that the deployment lists as risky: for signs without letters, and for buttons whatever
 * stands on them. It asks; that something looks harmless excuses nothing.
 */
export async function checkPicture(
  { raster, at, signal }: { raster: Raster; at: Point; signal?: AbortSignal | undefined },
  pictures: TargetPictures,
): Promise<LayerReport> {
  const startedAt = performance.now()
  const report = (findings: readonly Finding[], unscored?: string): LayerReport => ({
    layer: 'picture',
    findings,
    ...(unscored !== undefined && { unscored }),
    ms: performance.now() - startedAt,
  })
  try {
    const region = surfaceAt(raster, at, around(at, outer, raster)) ?? around(at, icon, raster)
    const risk = await pictures.score(raster, region, { signal })
    if (!risk || risk.margin <= 0) return report([])
    const reason = `What is clicked looks like ${shown(risk.nearest)}, which this deployment lists as risky`
    return report([{ layer: 'picture', verdict: 'confirm', code: 'known-risky-picture', reason, score: risk.score }])
  } catch (error) {
    if (!(error instanceof EmbedderError) && !(error instanceof ImageError)) throw error
    return report([], error.message)
  }
}
