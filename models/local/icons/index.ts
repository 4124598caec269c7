export { createIconReader, type IconReaderOptions } from './create-icon-reader.ts'
export { signSide } from './icon-network.ts'
export type { IconReader, IconReading } from './icon-reader.ts'
