"""The console: one engine, one workspace; the command line and the screens are its two doors."""
