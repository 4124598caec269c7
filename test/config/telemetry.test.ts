import { expect, test } from 'vitest'
import { resolveTelemetry } from '../../src/config/telemetry.ts'

const env = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-environment',
}

test('resolveTelemetry() sends the headers of the environment to the collector of the environment', () => {
  expect(resolveTelemetry({ telemetry: { headers: { team: 'search' }, content: false } }, env)).toMatchObject({
    url: 'http://127.0.0.1:4318/v1/traces',
    headers: { authorization: 'Bearer of-the-environment', team: 'search' },
  })
})

test('resolveTelemetry() sends no key of the environment to the collector of the file', () => {
  expect(
    resolveTelemetry({ telemetry: { otlp: 'http://127.0.0.1:9999', headers: { team: 'search' }, content: false } }, env),
  ).toMatchObject({
    url: 'http://127.0.0.1:9999/v1/traces',
    headers: { team: 'search' },
  })
  expect(resolveTelemetry({ telemetry: { otlp: 'http://127.0.0.1:9999', headers: {}, content: false } }, env).headers).not.toHaveProperty(
    'authorization',
  )
})
