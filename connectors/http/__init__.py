"""The one road out to other people's servers."""
