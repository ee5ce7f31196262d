"""Writes docs/deploy/settings.md from the settings' own names, defaults and descriptions; ``--check`` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from geoplan_api.settings import Settings
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

PLACE = Path(__file__).resolve().parents[1] / "docs" / "deploy" / "settings.md"
HEAD = """# Settings 设置一览

Made from the code by `tools/settings_reference.py`; a test holds it to that. Each is an environment variable (or a line
of the file that systemd or the container reads). Lists are JSON:
`GEOPLAN_SECURITY__TRUSTED_HOSTS='["map.example.org"]'`.
本表由代码生成。每项都是一个环境变量，列表写成 JSON。
"""


def default_of(field: FieldInfo) -> str:
    """Return a default as it would be written in a variable."""
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value) if value else "[]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def reference() -> str:
    """Return the whole document."""
    parts = [HEAD]
    for concern, field in Settings.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseModel)
        parts.append(
            f"\n## {concern}: {(kind.__doc__ or '').strip()}\n\n| variable | default | meaning |\n|---|---|---|\n"
        )
        for name, option in kind.model_fields.items():
            variable = f"GEOPLAN_{concern.upper()}__{name.upper()}"
            parts.append(f"| `{variable}` | `{default_of(option)}` | {option.description} |\n")
    return "".join(parts)


def main() -> int:
    """Write the document, or tell whether it is as the code says."""
    if "--check" in sys.argv[1:]:
        return int(PLACE.read_text(encoding="utf-8") != reference())
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
