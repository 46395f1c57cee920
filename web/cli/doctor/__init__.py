"""`doctor`: looks at the installation, a file for each kind of thing."""

from web.cli.doctor.command import install

__all__ = ["install"]
