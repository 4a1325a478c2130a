-- The time zone in which people of an organization read times; empty: that of the machine.
ALTER TABLE organizations ADD COLUMN zone TEXT NOT NULL DEFAULT '';

-- Who has a system open by which process, as the process says again and again; old rows are swept away.
CREATE TABLE presences (
    process TEXT NOT NULL,
    system TEXT NOT NULL REFERENCES systems (id),
    names TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (process, system)
);
CREATE INDEX presences_seen ON presences (seen_at);

-- The words that were filled into policies are a kind of paper of their own.
UPDATE papers SET kind = 'policy-words', about = '' WHERE kind = 'policy' AND about = 'words';
