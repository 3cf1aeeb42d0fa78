"""Pure rules of peer circles: no I/O, no clock, no Discord, no database."""
