"""What migrations do beside Django's own operations."""

from typing import Any

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils.translation import gettext as _

LAST_BEFORE_SQUASH = "98742b4"


class CreateModels(Operation):
    """Create a room's tables together.

    After every operation Django renders again each model that the new one is related to, and here
    all are, by way of region and account: one by one, a hundred tables render ten thousand models.
    Together they are rendered once, and may point at each other in a circle.
    """

    serialization_expand_args = ["models"]

    def __init__(self, models: list[CreateModel]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # rendered anew when first asked for
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "Create " + ", ".join(model.name for model in self.models)


def refuse_the_half_migrated(using: str = DEFAULT_DB_ALIAS) -> None:
    """Refuse a database that has only some of what a squashed migration replaces.

    Django would pass over such a room without a word and leave its newer tables out.
    """
    loader = MigrationLoader(connections[using])
    for (room, _number), squashed in loader.replacements.items():
        done = [old in loader.applied_migrations for old in squashed.replaces]
        if any(done) and not all(done):
            raise CommandError(
                _("The database of “%(room)s” is older than this version can bring up to date.")
                % {"room": room}
                + " "
                + _("Back up, check out commit %(commit)s, run “anlan migrate”, then come back.")
                % {"commit": LAST_BEFORE_SQUASH}
            )
