"""A group of commands in which a customer may stand where its word would."""

from __future__ import annotations

import click

_VALUED = ("--config", "--data-dir", "--lang")


class WordOrCustomer(click.Group):
    """The words of the group are no customers; what begins with anything else is understood as ``show``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` where no word stands; what all commands take may stand before it."""
        at = 0
        while at < len(args) and args[at].partition("=")[0] in (*_VALUED, "--debug"):
            at += 2 if args[at] in _VALUED else 1
        if args[at:] and args[at] not in (*self.commands, "--help", "-h"):
            args = [*args[:at], "show", *args[at:]]
        return super().parse_args(ctx, args)
