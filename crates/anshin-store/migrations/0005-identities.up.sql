-- Other ways in than a password: passkeys, and accounts at a provider of OpenID Connect.
CREATE TABLE identities (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    counter BIGINT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- What was asked and is still to be answered, once.
CREATE TABLE challenges (
    token_hash TEXT PRIMARY KEY,
    payload TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
