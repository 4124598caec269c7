import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { createSample } from './sample.ts'

serveStdio(createSample().factory, { legacy: process.argv.includes('--modern') ? 'reject' : 'serve' })
