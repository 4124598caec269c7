import type { Config } from '../config/config.ts'
import { secretsOf } from '../config/secrets.ts'
import { type ConfigWatch, watchConfig } from '../config/watch.ts'
import type { ProcessLog } from '../log.ts'
import type { Signalbox } from '../signalbox.ts'
import { surroundingsOf } from './open-box.ts'

export interface FollowOptions {
  /** `--config`. */
  readonly path: string | undefined
  readonly log: ProcessLog
  readonly terminal: Parameters<typeof surroundingsOf>[0]
  /** Told after a change runs, with the keys of it that count from the next start on. */
  readonly onTaken?: ((config: Config, late: readonly string[]) => void) | undefined
}

/** Takes up valid changes of the configuration, one after the other. What cannot run is said, and what ran goes on. */
export function followConfig(signalbox: Signalbox, config: Config, { path, log, terminal, onTaken }: FollowOptions): ConfigWatch {
  let last = Promise.resolve()
  return watchConfig(config, {
    ...surroundingsOf(terminal),
    path,
    onChange(changed) {
      log.hide(secretsOf(changed))
      last = last
        .then(() => signalbox.reconfigure(changed))
        .then((late) => {
          signalbox.fileRefused(false)
          onTaken?.(changed, late)
          log.info(`Took up the changed configuration ${changed.origin.path}`)
        })
        .catch((error: unknown) => {
          signalbox.fileRefused(true)
          log.error('Cannot take up the changed configuration; what ran before goes on', { error })
        })
    },
    onInvalid(error) {
      signalbox.fileRefused(true)
      log.error('The changed configuration is not valid; what ran before goes on', { error })
    },
  })
}
