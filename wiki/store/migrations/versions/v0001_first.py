"""The first schema."""

from __future__ import annotations

from alembic import op

from wiki.store.tables import counter, metadata, schema_version

revision = "0001"
down_revision = None


def upgrade() -> None:
    # Right while this is the newest version: the next one freezes its tables here.
    tables = [table for table in metadata.sorted_tables if table is not schema_version]
    metadata.create_all(op.get_bind(), tables=tables)
    op.execute(counter.insert().values(id=1, n=0))
