-- Rounds of answers to checklists. The text is an answers file; every saved state stays.
CREATE TABLE rounds (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    checklist TEXT NOT NULL,
    subject_ja TEXT NOT NULL,
    subject_en TEXT NOT NULL,
    latest BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    archived_at TEXT
);
CREATE INDEX rounds_of_organization ON rounds (organization, checklist);

CREATE TABLE round_states (
    round TEXT NOT NULL REFERENCES rounds (id),
    number BIGINT NOT NULL,
    organization TEXT NOT NULL REFERENCES organizations (id),
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    hash TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (round, number)
);
