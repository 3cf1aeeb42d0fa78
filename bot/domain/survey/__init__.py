"""Pulse surveys: instruments, scores, statistics, disclosure control and trends, all pure."""
