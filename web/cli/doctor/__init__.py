"""`doctor`: checks of the installation, one module for each kind of check."""

from web.cli.doctor.command import install

__all__ = ["install"]
