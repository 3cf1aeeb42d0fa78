"""Alembic's environment: it takes the open connection from db/migrate.py, never an address of its own."""

from alembic import context

from db.models import Base


def render_item(kind, item, autogen_context):
    """Write our own column types into migrations as plain SQL types, so that old migrations outlive the code."""
    if kind == "type" and type(item).__module__ == "db.types":
        return f"sa.{item.impl_instance!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
