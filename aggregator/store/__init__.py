"""The store: the database's URL, connections, transactions and errors."""
