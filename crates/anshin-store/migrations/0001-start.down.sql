DROP TABLE approvals;
DROP TABLE revisions;
DROP TABLE systems;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE audit;
DROP TABLE chains;
DROP TABLE organizations;
