"""The store: where the database is, how it is connected to, transactions, and what can go wrong with it."""
