"""Who acts where a command is run: the command line, with the name of the system user."""

from __future__ import annotations

import getpass

from aggregator.audit.actor import Actor, ActorKind


def command_line() -> Actor:
    """The command line as the audit trail names it."""
    try:
        return Actor(ActorKind.COMMAND_LINE, getpass.getuser())
    except (KeyError, OSError):  # a container's user often has no name
        return Actor(ActorKind.COMMAND_LINE, "unknown")
