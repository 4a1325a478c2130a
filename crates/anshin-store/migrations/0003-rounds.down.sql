DROP TABLE round_states;
DROP TABLE rounds;
