"""Rules on areas, audiences of several parts, and what a page's own text says."""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import Column, Text, inspect, select, text, update

from wiki.store.tables import audience, page, rule, txn
from wiki.store.tables import revision as revision_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    bind = op.get_bind()
    # The first version makes the newest tables where there were none.
    if inspect(bind).has_table(rule.name):
        return
    rule.create(bind)
    audience.create(bind)
    column = Column("own", Text, nullable=False, server_default=text("''"))
    op.add_column(page.name, column)
    for table in (revision_table, txn):
        op.create_index(f"{table.name}_author", table.name, ["author_id"])
    for row in bind.execute(select(page.c.id, page.c.audience, page.c.meta)).all():
        # Who was not meant by a default must not be let in by one.
        by_default = row.audience in ("public", "members")
        if not by_default or "audience" in json.loads(row.meta):
            change = update(page).where(page.c.id == row.id)
            bind.execute(change.values(own=row.audience))
