"""Forming circles from spreadsheets: the `form` command."""

from bot.form.command import add_parser

__all__ = ["add_parser"]
