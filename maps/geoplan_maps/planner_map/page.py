"""A folium map whose page carries Leaflet inside: no address is loaded when the file is opened."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import folium
from branca.element import CssLink, Element, JavascriptLink

from geoplan_maps.planner_map.scene import DEMONSTRATION_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from geoplan_maps.planner_map.scene import Scene

__all__ = ["Legend", "blank_map", "finish"]

Legend = tuple[str, str]  # (swatch as CSS background or an inline SVG, words)

_CSS: Final = """
html,body{margin:0;height:100%;font:14px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.leaflet-container{background:#F4F2EE;font:inherit}
.gp-strip{position:fixed;z-index:1200;top:0;left:0;right:0;padding:2px 12px;background:#FFD277;color:#4A3000;
  text-align:center;font-size:13px}
.gp-under .leaflet-top{top:28px}
.gp-label{font-weight:600;color:#4C4A45;white-space:nowrap;position:absolute;transform:translate(-50%,-50%);
  text-shadow:0 0 3px #F4F2EE,0 0 3px #F4F2EE,0 0 2px #F4F2EE}
.gp-card{position:fixed;z-index:1100;background:#fff;color:#26241F;border-radius:12px;
  box-shadow:0 2px 12px rgba(30,25,15,.16);padding:12px 16px;max-width:min(340px,calc(100vw - 48px))}
.gp-head{top:36px;left:56px}.gp-head h1{font-size:17px;line-height:1.4;margin:0 0 4px}
.gp-head dl{margin:0;display:grid;grid-template-columns:auto auto;gap:0 16px}
.gp-head dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;font-weight:600}
.gp-head p{margin:4px 0 0;color:#625D53;font-size:12px}
.gp-legend{bottom:32px;left:12px;font-size:13px}.gp-legend div{display:flex;align-items:center;gap:8px}
.gp-legend i{width:16px;height:16px;flex:none;border-radius:4px}.gp-legend i.dot{border-radius:50%}
@media print{.gp-card{box-shadow:none;border:1px solid #bbb}.leaflet-control-zoom{display:none}}
@media (max-width:600px){.gp-head{left:12px;top:36px;max-width:62vw;padding:8px 12px}.gp-legend{font-size:12px}
  .leaflet-top.leaflet-left{top:auto;bottom:200px}}
"""


@cache
def _leaflet() -> tuple[str, str]:
    data = files("xstatic.pkg.leaflet") / "data"
    css = re.sub(
        r"url\((?!['\"]?(?:data:|#))['\"]?([^)'\"]+)['\"]?\)",
        lambda found: f"url({_data_uri(data / found.group(1))})",
        (data / "leaflet.css").read_text("utf-8"),
    )
    script = (data / "leaflet.js").read_text("utf-8").replace("//# sourceMappingURL=leaflet.js.map", "")
    return script, css


def _data_uri(path: Traversable) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def blank_map(bounds: tuple[float, float, float, float]) -> folium.Map:
    """Return a folium map without a tile base, drawn on a canvas, fitted to west, south, east, north in degrees."""
    west, south, east, north = bounds
    canvas = folium.Map(
        location=[(south + north) / 2.0, (west + east) / 2.0],
        tiles=None,
        prefer_canvas=True,
        zoom_start=10,
        zoom_snap=0.25,
        zoom_delta=0.5,
    )
    # folium's page would load Leaflet, jQuery, Bootstrap and icon fonts from four hosts; only Leaflet is used.
    canvas.default_js, canvas.default_css = [], []
    canvas.fit_bounds([[south, west], [north, east]], padding=(24, 40))
    return canvas


def finish(
    canvas: folium.Map,
    scene: Scene,
    *,
    figures: Sequence[tuple[str, str]],
    note: str,
    legend: Sequence[Legend],
) -> str:
    """Add the heading, legend, banner and Leaflet, and return the page.

    Parameters
    ----------
    canvas : folium.Map
        Map with its layers.
    scene : Scene
        Title, attribution and whether this is demonstration data.
    figures : sequence of (str, str)
        Label and value of the figures in the heading.
    note : str
        What the figures are a share of: demand, limit, instant.
    legend : sequence of (str, str)
        CSS background and words of each entry; a background that starts with ``dot:`` is drawn as a disc.

    Returns
    -------
    str
        HTML of one self-contained file.
    """
    script, css = _leaflet()
    root: Any = canvas.get_root()
    root.title = scene.title
    root.header.add_child(Element(f"<style>{css}</style><style>{_CSS}</style>"), name="gp_css")
    root.header.add_child(Element(f"<script>{script}</script>"), name="gp_leaflet")
    root.html.add_child(Element(_furniture(scene, figures, note, legend)), name="gp_furniture")
    # folium writes the map's variable on rendering: what uses it must be added after.
    canvas.render()  # type: ignore[no-untyped-call]
    credit = " · ".join(part for part in (scene.attribution, scene.review_number) if part)
    root.script.add_child(
        Element(
            f"{canvas.get_name()}.attributionControl.setPrefix(false);"
            f"{canvas.get_name()}.attributionControl.addAttribution({_js_text(credit or scene.title)});"
        ),
        name="gp_credit",
    )
    for element in list(root.header._children.values()):
        if isinstance(element, JavascriptLink | CssLink):
            root.header._children.pop(element.get_name(), None)
    page: str = root.render()
    page = page.replace("<html>", '<html lang="zh-CN">', 1)
    return page.replace("<body>", '<body class="gp-under">', 1) if scene.demonstration else page


def _js_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\u003c") + '"'


def _escape(text: str) -> str:
    # Jinja renders Element templates, so braces are escaped together with HTML's own characters.
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("{", "&#123;"), ("}", "&#125;")):
        text = text.replace(raw, safe)
    return text


def _furniture(scene: Scene, figures: Sequence[tuple[str, str]], note: str, legend: Sequence[Legend]) -> str:
    rows = "".join(f"<dt>{_escape(label)}</dt><dd>{_escape(value)}</dd>" for label, value in figures)
    entries = "".join(
        f'<div><i{" class=dot" if paint.startswith("dot:") else ""} style="background:{paint.removeprefix("dot:")}">'
        f"</i>{_escape(words)}</div>"
        for paint, words in legend
    )
    strip = f'<div class="gp-strip">{DEMONSTRATION_TEXT}</div>' if scene.demonstration else ""
    return (
        f'{strip}<section class="gp-card gp-head"><h1>{_escape(scene.title)}</h1><dl>{rows}</dl>'
        f'<p>{_escape(note)}</p></section><section class="gp-card gp-legend" aria-label="图例">{entries}</section>'
    )
