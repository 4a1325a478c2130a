-- Whose reports an organization hands out: a branding file, and the logo that it names.
CREATE TABLE brandings (
    organization TEXT PRIMARY KEY REFERENCES organizations (id),
    text TEXT NOT NULL,
    logo_name TEXT NOT NULL,
    logo BYTEA NOT NULL,
    at TEXT NOT NULL
);

-- Other programs that are told what happens, and what they are still to be told.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at TEXT NOT NULL,
    ended_at TEXT
);
CREATE INDEX webhooks_of_organization ON webhooks (organization, at);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    webhook TEXT NOT NULL REFERENCES webhooks (id),
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at TEXT,
    outcome TEXT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (next_at);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook, at);
