DROP TABLE tokens;
DROP TABLE invitations;
DROP TABLE answers;
DROP TABLE links;
DROP TABLE evidence;
DROP TABLE contents;
DROP TABLE comments;
