import type { Config } from '../config/config.ts'
import { instanceKey, instanceToken, mintPurpose } from '../config/instance-token.ts'
import { noteHttpDoor } from '../instance/http-door.ts'
import type { Signalbox } from '../signalbox.ts'
import { type HttpDoor, type ServeHttpOptions, serveHttp } from './serve.ts'

/** Serves over HTTP with the keys of the data folder, and notes there where it is served until it closes. */
export async function openHttpDoor(
  box: Signalbox,
  config: Config,
  { log, host, port }: Pick<ServeHttpOptions, 'log' | 'host' | 'port'>,
): Promise<HttpDoor> {
  const { dataFolder } = config
  const stateKey = await instanceKey(dataFolder, 'request-state')
  const mintSecret = await instanceKey(dataFolder, mintPurpose)
  const token = await instanceToken(dataFolder)
  const door = await serveHttp(box, config, { log, host, port, stateKey, mintSecret, instanceToken: token })
  const removeNote = noteHttpDoor(dataFolder, door.url, log)
  return {
    url: door.url,
    async close() {
      removeNote()
      await door.close()
    },
  }
}
