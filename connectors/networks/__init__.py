"""Every entry here is one network, and nothing else is here: the folder is the registry."""
