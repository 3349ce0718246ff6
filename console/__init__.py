"""The console: one engine, one workspace; the command line and the screens are its two doors."""

__version__ = "0.1.0"
"""The one place that names the version; the build reads it here."""
