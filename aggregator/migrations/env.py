"""The environment of Alembic: migrations use the store's connection, or a new one for `alembic revision`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import aggregator.accounts.tables
import aggregator.accounts.way_tables
import aggregator.audit.tables
import aggregator.channel.tables
import aggregator.items.tables
import aggregator.media.tables
import aggregator.migrations.tables
import aggregator.sources.tables
import aggregator.walls.tables  # noqa: F401  (importing the tables fills the metadata)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as made:
        migrate(made)
