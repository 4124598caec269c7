/** What `signalbox export FILE` writes, each part by itself. */
export const transferParts = ['configuration', 'policies', 'pins', 'learned', 'memory', 'decisions'] as const
export type TransferPart = (typeof transferParts)[number]
