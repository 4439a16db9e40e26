-- New texts go into the search index by hundreds, which costs half of what they cost one by one. filed_rid is the last rid
-- whose text is in it; of those after it search looks at the rows.
ALTER TABLE series ADD COLUMN filed_rid INTEGER NOT NULL DEFAULT 0;
UPDATE series SET filed_rid = last_rid;
