"""Changes of the schema, one after the other, for every engine (Alembic)."""
