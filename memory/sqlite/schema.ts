/**
 * The first schema. Later ones are migrations of it.
 *
 * Every table that holds a caller's data names the principal. The words of documents stand in a full-text table for each
 * principal (`words_<principal>`, made by `principals.ts`): one table for all would let a caller read from its scores
 * which words others use.
 */
export const firstSchema = `
CREATE TABLE principals (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- Grows with each removal of vectors, so that other processes drop theirs from memory.
  removals INTEGER NOT NULL DEFAULT 0,
  -- Whether removed words may still stand in the full-text table (rewrite-worker.ts).
  unscrubbed INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE rows (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principals(id),
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  UNIQUE (principal, kind, id)
);
CREATE INDEX rows_by_id ON rows (kind, id);
CREATE INDEX rows_by_creation ON rows (kind, created_at, size);
CREATE INDEX rows_by_principal_creation ON rows (principal, kind, created_at);
CREATE INDEX rows_by_principal_update ON rows (principal, kind, updated_at);
CREATE INDEX rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE streams (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principals(id),
  name TEXT NOT NULL,
  length INTEGER NOT NULL DEFAULT 0,
  -- The highest sequence ever given: a number is never used twice.
  last INTEGER NOT NULL DEFAULT 0,
  UNIQUE (principal, name)
);

CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL REFERENCES streams(id),
  sequence INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (stream, sequence),
  UNIQUE (stream, id)
);
CREATE INDEX entries_by_time ON entries (at, size, stream);

CREATE TABLE documents (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principals(id),
  id TEXT NOT NULL,
  piece_of TEXT,
  kind TEXT NOT NULL,
  thread TEXT,
  text TEXT NOT NULL,
  trust TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  facts TEXT NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (principal, id)
);
CREATE INDEX documents_by_origin ON documents (principal, piece_of) WHERE piece_of IS NOT NULL;
CREATE INDEX documents_by_thread ON documents (principal, thread) WHERE thread IS NOT NULL;
CREATE INDEX documents_by_principal ON documents (principal);
CREATE INDEX documents_by_kind ON documents (principal, kind);
CREATE INDEX facts_by_time ON documents (created_at, size) WHERE kind = 'fact';
CREATE INDEX other_documents_by_time ON documents (created_at, size, kind) WHERE kind != 'fact';

CREATE TABLE embedders (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dimensions INTEGER NOT NULL
);

CREATE TABLE document_vectors (
  -- Ascending over all processes: what is above the highest one seen is new.
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  document INTEGER NOT NULL REFERENCES documents(number),
  embedder INTEGER NOT NULL REFERENCES embedders(id),
  principal INTEGER NOT NULL REFERENCES principals(id),
  vector BLOB NOT NULL,
  UNIQUE (document, embedder)
);
CREATE INDEX document_vectors_by_principal ON document_vectors (principal, embedder, sequence);

-- Keyed by content, for texts that belong to nobody, such as descriptions of tools.
CREATE TABLE cached_vectors (
  number INTEGER PRIMARY KEY,
  embedder INTEGER NOT NULL REFERENCES embedders(id),
  hash TEXT NOT NULL,
  vector BLOB NOT NULL,
  used_at INTEGER NOT NULL,
  UNIQUE (embedder, hash)
);
CREATE INDEX cached_vectors_by_use ON cached_vectors (used_at);

CREATE TABLE blobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principals(id),
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  media_type TEXT NOT NULL,
  facts TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (principal, kind, id)
);
CREATE INDEX blobs_by_time ON blobs (created_at, size);

-- Money in whole billionths of a dollar, so that sums are exact.
CREATE TABLE ledger (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  principal INTEGER NOT NULL REFERENCES principals(id),
  decision TEXT NOT NULL,
  deployment TEXT NOT NULL,
  reserved_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  worst INTEGER NOT NULL,
  -- Missing until it is settled.
  actual INTEGER,
  unpriced INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX ledger_by_time ON ledger (reserved_at, principal, expires_at, worst, actual, unpriced);
`

/** Sums of each UTC day, kept by the database itself, so that a step need not add up the day. */
export const ledgerDays = `
CREATE TABLE ledger_days (
  day INTEGER NOT NULL,
  principal INTEGER NOT NULL REFERENCES principals(id),
  -- What is settled, and what is reserved and not settled, at its worst case.
  taken INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  PRIMARY KEY (day, principal)
) WITHOUT ROWID;
INSERT INTO ledger_days SELECT reserved_at / 86400000, principal, sum(coalesce(actual, worst)), count(*), sum(unpriced) FROM ledger GROUP BY 1, 2;
CREATE INDEX ledger_open ON ledger (reserved_at, expires_at, worst, principal) WHERE actual IS NULL;
CREATE TRIGGER ledger_reserved AFTER INSERT ON ledger BEGIN
  INSERT INTO ledger_days VALUES (new.reserved_at / 86400000, new.principal, coalesce(new.actual, new.worst), 1, new.unpriced)
  ON CONFLICT DO UPDATE SET taken = taken + excluded.taken, calls = calls + 1, unpriced = unpriced + excluded.unpriced;
END;
CREATE TRIGGER ledger_settled AFTER UPDATE OF actual, unpriced ON ledger BEGIN
  UPDATE ledger_days
  SET taken = taken + coalesce(new.actual, new.worst) - coalesce(old.actual, old.worst), unpriced = unpriced + new.unpriced - old.unpriced
  WHERE day = new.reserved_at / 86400000 AND principal = new.principal;
END;
CREATE TRIGGER ledger_removed AFTER DELETE ON ledger BEGIN
  UPDATE ledger_days SET taken = taken - coalesce(old.actual, old.worst), calls = calls - 1, unpriced = unpriced - old.unpriced
  WHERE day = old.reserved_at / 86400000 AND principal = old.principal;
END;
`

/** The spend of a minted key counts for each key that it was minted from as well. */
export const ledgerAccounts = `
CREATE TABLE ledger_accounts (
  account TEXT NOT NULL,
  reservation INTEGER NOT NULL REFERENCES ledger(number) ON DELETE CASCADE,
  PRIMARY KEY (account, reservation)
) WITHOUT ROWID;
CREATE INDEX ledger_accounts_by_reservation ON ledger_accounts (reservation);
`

/** What texts say of somebody or something. They go with their document. */
export const statements = `
CREATE TABLE statements (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  document INTEGER NOT NULL REFERENCES documents(number),
  principal INTEGER NOT NULL REFERENCES principals(id),
  subject TEXT NOT NULL,
  relation TEXT NOT NULL,
  value TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  many INTEGER NOT NULL,
  -- The model that read it out of the text.
  by TEXT
);
CREATE INDEX statements_by_document ON statements (document);
CREATE INDEX statements_by_relation ON statements (principal, subject, relation);
`

/** A project has threads, and texts of its own. */
export const projects = `
ALTER TABLE documents ADD COLUMN project TEXT;
CREATE INDEX documents_by_project ON documents (principal, project) WHERE project IS NOT NULL;
`

/** Beside the vector of a text, those of its sentences, each in bytes (`memory/int8.ts`). */
export const sentenceVectors = `
ALTER TABLE document_vectors ADD COLUMN sentences BLOB;
`

/** How much each principal holds in its threads (logs that are named by a thread's id), kept by the database itself: an append asks for it. */
export const turnsHeld = `
CREATE TABLE turns_held (
  principal INTEGER PRIMARY KEY REFERENCES principals(id),
  turns INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);
INSERT INTO turns_held
SELECT s.principal, count(*), sum(e.size) FROM entries e JOIN streams s ON s.id = e.stream WHERE s.name GLOB 'th_*' GROUP BY s.principal;
CREATE TRIGGER turn_added AFTER INSERT ON entries BEGIN
  INSERT INTO turns_held SELECT principal, 1, new.size FROM streams WHERE id = new.stream AND name GLOB 'th_*'
  ON CONFLICT DO UPDATE SET turns = turns + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER turn_removed AFTER DELETE ON entries BEGIN
  UPDATE turns_held SET turns = turns - 1, bytes = bytes - old.size
  WHERE principal = (SELECT principal FROM streams WHERE id = old.stream AND name GLOB 'th_*');
END;
`
