-- What others bring: remarks, evidence, links for suppliers with their answers, invitations, and
-- tokens for other programs.
CREATE TABLE comments (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    system TEXT NOT NULL REFERENCES systems (id),
    subject TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    resolved_at TEXT
);
CREATE INDEX comments_of_system ON comments (system, at);

CREATE TABLE contents (
    organization TEXT NOT NULL REFERENCES organizations (id),
    hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (organization, hash)
);

CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    system TEXT NOT NULL REFERENCES systems (id),
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    FOREIGN KEY (organization, hash) REFERENCES contents (organization, hash)
);
CREATE INDEX evidence_of_system ON evidence (system, at);

CREATE TABLE links (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    system TEXT NOT NULL REFERENCES systems (id),
    stakeholder TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE INDEX links_of_system ON links (system, at);

CREATE TABLE answers (
    organization TEXT NOT NULL REFERENCES organizations (id),
    system TEXT NOT NULL REFERENCES systems (id),
    stakeholder TEXT NOT NULL,
    item TEXT NOT NULL,
    reply TEXT NOT NULL,
    note TEXT NOT NULL,
    link TEXT NOT NULL REFERENCES links (id),
    at TEXT NOT NULL,
    PRIMARY KEY (system, stakeholder, item)
);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX tokens_of_user ON tokens (user_id);
