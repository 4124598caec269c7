import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { createLegacySample } from './legacy-sample.ts'

await createLegacySample().connect(new StdioServerTransport())
