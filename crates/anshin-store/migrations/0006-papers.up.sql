-- Rounds become papers: texts of any kind that belong to the organization as a whole, or to one system,
-- every saved state of which stays. `about` says which within the kind: a checklist, a document of policies.
DROP INDEX rounds_of_organization;
ALTER TABLE rounds RENAME TO papers;
ALTER TABLE papers RENAME COLUMN checklist TO about;
ALTER TABLE papers RENAME COLUMN subject_ja TO name_ja;
ALTER TABLE papers RENAME COLUMN subject_en TO name_en;
ALTER TABLE papers ADD COLUMN kind TEXT NOT NULL DEFAULT 'round';
ALTER TABLE papers ADD COLUMN system TEXT;
CREATE INDEX papers_of_organization ON papers (organization, kind, about);
ALTER TABLE round_states RENAME TO paper_states;
ALTER TABLE paper_states RENAME COLUMN round TO paper;
