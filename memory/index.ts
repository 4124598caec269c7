export { shareAskedAgain, surelyFits } from './answer-evidence.ts'
export type { Answers, KeptAnswer, NearAnswer, NewAnswer, SeenPair } from './answers.ts'
export { type Archive, type ArchiveRecord, type ArchiveSelection, withoutLiftedTrust } from './archive.ts'
export { createDecisionLog, type DecisionLog, type DecisionRecord, type OwnedDecision, type Verdict } from './decisions.ts'
export { MemoryError } from './errors.ts'
export { createIndexer, type Indexer, type IndexerOptions } from './indexer.ts'
export {
  callerRiskRow,
  commitmentRow,
  computerSessionRow,
  conversationRow,
  decisionRow,
  everyone,
  frameRow,
  historyEndRow,
  pastStepsRow,
  reasoningRow,
  sessionRiskRow,
  sessionSpendRow,
  storedResponseRow,
  summaryDocumentId,
  summaryRow,
  threadFramesRow,
  threadNameRow,
  threadRow,
} from './kinds.ts'
export { everyRow, turnsOf } from './pages.ts'
export { toPlainSummary } from './plain-summary.ts'
export {
  createRecall,
  type MemoryScope,
  type Recall,
  type Recalled,
  type RecalledFact,
  type RecalledItem,
  type RecallOptions,
  type RecallQuery,
} from './recall.ts'
export { openSqliteArchive } from './sqlite/archive.ts'
export type { RetainedKind, Retention, RetentionOptions } from './sqlite/retention.ts'
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/store.ts'
export type { Statement } from './statement.ts'
export {
  anyPrincipal,
  type Batch,
  type BlobStore,
  type DocumentHit,
  type DocumentQuery,
  type DocumentStore,
  type Ledger,
  type LogEntry,
  type LogStore,
  type NewLogEntry,
  type PrincipalFilter,
  type Reservation,
  type Row,
  type RowStore,
  type Store,
  type StoredDocument,
  type StoreInfo,
  type Trust,
  type WriteOptions,
} from './store.ts'
export { createAnswers } from './stored-answers.ts'
export { createThreads, type ThreadQuota, type ThreadsOptions } from './stored-threads.ts'
export { createSummaries, type Summaries, type Summary } from './summaries.ts'
export { valueFilter } from './text-filter.ts'
export { exportThread, type ThreadExport } from './thread-export.ts'
export type { NewTurn, ThreadSummary, Threads, Turn } from './threads.ts'
export { exportMemory, importMemory, type Memories, type MemoryExport, parseImportedLine } from './transfer.ts'
export { lowerTrust } from './trust.ts'
