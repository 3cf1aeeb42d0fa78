"""A whole season of the real bot on a simulated Discord: the `demo` command."""

from bot.demo.command import add_parser

__all__ = ["add_parser"]
