"""How texts are searched."""

from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import Lookup


@TextField.register_lookup
@CharField.register_lookup
class Holds(Lookup):
    """`text__holds="兰溪"`: byte for byte, faster than LIKE and with nothing to escape."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        function = "strpos" if connection.vendor == "postgresql" else "instr"
        return f"{function}({left}, {right}) > 0", (*params, *more)


def fastest(text: str) -> str:
    """The lookup that finds this text however it is written: Chinese and digits have no case."""
    return "holds" if text.upper() == text.lower() else "icontains"
