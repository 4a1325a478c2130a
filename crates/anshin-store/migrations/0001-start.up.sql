-- Times are RFC 3339 text in UTC, booleans and counts BIGINT, hashes hexadecimal text.
CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at TEXT NOT NULL
);

-- The end of each organization's audit trail. A change takes this row first, so changes of one
-- organization follow each other.
CREATE TABLE chains (
    organization TEXT PRIMARY KEY REFERENCES organizations (id),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE audit (
    organization TEXT NOT NULL REFERENCES organizations (id),
    number BIGINT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organization, number)
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret TEXT,
    totp_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until TEXT,
    disabled_at TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX users_of_organization ON users (organization, login);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE systems (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    latest BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    archived_at TEXT
);
CREATE INDEX systems_of_organization ON systems (organization, id);

CREATE TABLE revisions (
    system TEXT NOT NULL REFERENCES systems (id),
    number BIGINT NOT NULL,
    organization TEXT NOT NULL REFERENCES organizations (id),
    parent BIGINT,
    merged BIGINT,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    why TEXT NOT NULL,
    hash TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (system, number)
);

CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    system TEXT NOT NULL REFERENCES systems (id),
    revision BIGINT NOT NULL,
    hash TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    withdrawn_at TEXT,
    FOREIGN KEY (system, revision) REFERENCES revisions (system, number)
);
CREATE INDEX approvals_of_system ON approvals (system, revision);
