DROP TABLE challenges;
DROP TABLE identities;
