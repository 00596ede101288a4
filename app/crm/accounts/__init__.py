"""Users, teams, sessions, tokens and one-time links: who may come in, and as whom."""
