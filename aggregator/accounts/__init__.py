"""Accounts of the desk: who may sign in, with which role on which wall, and by which secrets."""
