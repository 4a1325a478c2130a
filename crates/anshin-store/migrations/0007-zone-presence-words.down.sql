UPDATE papers SET kind = 'policy', about = 'words' WHERE kind = 'policy-words';
DROP TABLE presences;
ALTER TABLE organizations DROP COLUMN zone;
