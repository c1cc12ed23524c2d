"""A database made before the migrations were squashed goes on with `anlan migrate`."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


def pending() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def record_as_before(*, last: int) -> None:
    """Make the record what a checkout before the squash would have written, up to its `last`."""
    recorder = MigrationRecorder(connection)
    for (room, name), migration in MigrationExecutor(connection).loader.replacements.items():
        recorder.record_unapplied(room, name)
        for old in migration.replaces[last:]:
            recorder.record_unapplied(*old)


@pytest.mark.django_db
def test_a_database_with_every_old_migration_has_nothing_left_to_do():
    record_as_before(last=99)

    assert pending() == []


@pytest.mark.django_db
def test_a_database_with_half_of_them_is_refused_before_anything_is_touched():
    record_as_before(last=1)

    with pytest.raises(CommandError, match="98742b4"):
        call_command("migrate", verbosity=0)
