"""The API's reference as one plain page: made here from the OpenAPI document, with no script and no foreign file."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment, select_autoescape
from starlette.responses import Response

from geoplan_api.responses import STEADY, raw_answer

router = APIRouter(include_in_schema=False)

_METHODS: Final = ("get", "post")
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{ info.title }} API {{ info.version }}</title><style>
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#222;background:#fff}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#191b1e}a{color:#9cc4ff}}
code,.m{font-family:ui-monospace,monospace}.m{font-weight:700;color:#c8102e}summary{cursor:pointer;padding:.4rem 0}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
details{border-bottom:1px solid #8884}
</style></head><body>
<h1>{{ info.title }} API</h1><p>{{ info.description }}</p>
<p>Version {{ info.version }} · <a href="v1/openapi.json">OpenAPI document</a> ·
<a href="v1/problems">kinds of refusal</a></p>
{% for tag, entries in groups.items() %}<h2>{{ tag }}</h2>{% for e in entries %}
<details><summary><span class="m">{{ e.method }}</span> <code>{{ e.path }}</code> — {{ e.summary }}</summary>
<p>{{ e.description }}</p>
{% if e.parameters %}<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>
{% for p in e.parameters %}<tr><td><code>{{ p.name }}</code>{{ " *" if p.required else "" }}</td><td>{{ p.in }}</td>
<td>{{ p.description or "" }}{% if p.example is not none %} <code>{{ p.example }}</code>{% endif %}</td></tr>
{% endfor %}</table>{% endif %}</details>{% endfor %}{% endfor %}
</body></html>"""


@router.get("/docs")
def reference(request: Request) -> Response:
    """Return the reference."""
    document = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                entry = item[method]
                groups.setdefault((entry.get("tags") or ["other"])[0], []).append(
                    {
                        "method": method.upper(),
                        "path": path,
                        "summary": entry.get("summary", ""),
                        "description": entry.get("description", ""),
                        "parameters": [_parameter(each) for each in entry.get("parameters", [])],
                    }
                )
    page = Environment(autoescape=select_autoescape(default_for_string=True)).from_string(_PAGE)
    body = page.render(info=document["info"], groups=groups)
    return raw_answer(body.encode(), "text/html; charset=utf-8", cache=STEADY)


def _parameter(given: dict[str, Any]) -> dict[str, Any]:
    examples = given.get("schema", {}).get("examples") or []
    return {
        "name": given["name"],
        "in": given["in"],
        "required": given.get("required", False),
        "description": given.get("description") or given.get("schema", {}).get("description"),
        "example": examples[0] if examples else None,
    }
