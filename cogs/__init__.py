"""Discord's side: each cog parses, calls one service, and renders."""
