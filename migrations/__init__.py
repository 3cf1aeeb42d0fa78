"""Alembic's migrations; they run through db/migrate.py."""
