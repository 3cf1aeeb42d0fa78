"""Peer Circles, a Discord bot for peer-mentoring circles."""
