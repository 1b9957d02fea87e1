"""Called by Alembic: runs the migrations on the connection that was handed in."""

from __future__ import annotations

from alembic import context

from wiki.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller began the transaction and ends it, together with what else it does.
    transactional_ddl=False,
)
context.run_migrations()
