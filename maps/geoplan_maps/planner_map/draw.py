"""The layers of a planner map, as folium children."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import folium
import numpy as np
import numpy.typing as npt
import shapely
from branca.element import MacroElement
from folium.template import Template

from geoplan_maps.planner_map.scene import backdrop_lines

if TYPE_CHECKING:
    import geopandas as gpd

    from geoplan_maps.planner_map.scene import Scene

__all__ = [
    "COVERED",
    "MIXED",
    "RED",
    "UNCOVERED",
    "DotControl",
    "DotLayer",
    "LabelLayer",
    "add_backdrop",
    "outline",
    "polygons",
]

COVERED: Final = "#0E7C7B"
MIXED: Final = "#8FA45B"
UNCOVERED: Final = "#E08A00"
RED: Final = "#C8102E"
_STREET_WEIGHT: Final = {"motorway": 2.6, "trunk": 2.4, "primary": 2.0, "secondary": 1.5, "tertiary": 1.0}


class DotLayer(MacroElement):
    """Thousands of dots on one canvas, from a compact table instead of one script line a dot.

    Parameters
    ----------
    name : str
        Name in the layer control.
    rows : list of list
        ``[lon, lat, radius_px, colour index, text]`` a dot; the text is shown on click and set as plain text.
    colours : list of str
        Fill colours that rows refer to.
    ring : str
        Colour of the outline; empty for none.
    ring_px : float
        Width of the outline, pixels.
    opacity : float
        Opacity of the fill.
    show : bool
        Whether the layer is on at the start.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.layerGroup();
        (function (group, rows, colours) {
            rows.forEach(function (row) {
                var dot = L.circleMarker([row[1], row[0]], {
                    radius: row[2], fillColor: colours[row[3]], fillOpacity: {{ this.opacity }},
                    stroke: {{ this.ring|length > 0 and "true" or "false" }},
                    color: {{ this.ring|tojson }}, weight: {{ this.ring_px }}
                });
                if (row[4]) {
                    dot.bindPopup(function () {
                        var box = document.createElement("div");
                        box.style.whiteSpace = "pre-line";
                        box.textContent = row[4];
                        return box;
                    });
                }
                group.addLayer(dot);
            });
        })({{ this.get_name() }}, {{ this.rows }}, {{ this.colours }});
        {% if this.show %}{{ this.get_name() }}.addTo({{ this._parent.get_name() }});{% endif %}
        {% endmacro %}
        """
    )

    def __init__(
        self,
        name: str,
        rows: list[list[object]],
        colours: list[str],
        *,
        ring: str = "",
        ring_px: float = 1.5,
        opacity: float = 0.9,
        show: bool = True,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DotLayer"
        self.layer_name = name
        self.rows = _script_json(rows)
        self.colours = _script_json(colours)
        self.ring, self.ring_px, self.opacity, self.show = ring, ring_px, opacity, show


def _script_json(value: object) -> str:
    """Return JSON that can stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def add_backdrop(canvas: folium.Map, scene: Scene) -> None:
    """Draw water, districts and main streets."""
    if scene.water is not None and len(scene.water):
        shapes = scene.water.geometry.to_numpy()
        areas = shapes[shapely.get_dimensions(shapes) == 2]
        lines = shapes[shapely.get_dimensions(shapes) == 1]
        if len(areas):
            canvas.add_child(polygons(areas, "水面", fill="#CFE0EA", line="#BFD5E2", opacity=1.0))
        if len(lines):
            canvas.add_child(outline(lines, "河道", colour="#CFE0EA", weight=2.0))
    canvas.add_child(outline(scene.districts.boundary.to_numpy(), "区县界", colour="#B9B2A6", weight=1.2, dashed=True))
    for name, line in backdrop_lines(scene.streets).items():
        canvas.add_child(
            outline(np.array([line], object), name, colour="#FFFFFF", weight=_STREET_WEIGHT.get(name, 1.0))
        )


def outline(
    shapes: npt.NDArray[np.object_], name: str, *, colour: str, weight: float, dashed: bool = False
) -> folium.GeoJson:
    """Return lines as one layer that the layer control does not list."""
    style = {"color": colour, "weight": weight, "opacity": 1.0, "fill": False, "interactive": False}
    if dashed:
        style["dashArray"] = "6 3 1 3"
    return folium.GeoJson(_collection(shapes), name=name, control=False, style_function=lambda _feature: style)


def polygons(
    shapes: npt.NDArray[np.object_], name: str, *, fill: str, line: str, opacity: float, listed: bool = False
) -> folium.GeoJson:
    """Return polygons as one layer."""
    style = {"color": line, "weight": 0.8, "fillColor": fill, "fillOpacity": opacity, "interactive": False}
    return folium.GeoJson(_collection(shapes), name=name, control=listed, style_function=lambda _feature: style)


def _collection(shapes: npt.NDArray[np.object_]) -> dict[str, object]:
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, 5))
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(text)} for text in shapely.to_geojson(rounded)
    ]
    return {"type": "FeatureCollection", "features": features}


class LabelLayer(MacroElement):
    """District names, drawn at a point inside each.

    Parameters
    ----------
    districts : geopandas.GeoDataFrame
        Polygons with ``name``.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        ({{ this.rows }}).forEach(function (row) {
            var text = document.createElement("span");
            text.className = "gp-label";
            text.textContent = row[2];
            L.marker([row[1], row[0]], {
                interactive: false, keyboard: false, icon: L.divIcon({html: text, className: "", iconSize: [0, 0]})
            }).addTo({{ this._parent.get_name() }});
        });
        {% endmacro %}
        """
    )

    def __init__(self, districts: gpd.GeoDataFrame) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "LabelLayer"
        middle = shapely.point_on_surface(districts.geometry.to_numpy())
        self.rows = _script_json(
            [
                [round(float(point.x), 4), round(float(point.y), 4), name]
                for point, name in zip(middle, districts["name"].astype(str), strict=True)
            ]
        )


class DotControl(MacroElement):
    """Leaflet's layer control over the dot layers, which folium's own control does not know.

    Parameters
    ----------
    layers : dict of str to DotLayer
        Layers in the order to list them.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.control.layers(null, { {% for name, layer in this.layers.items() %}
            {{ name|tojson }}: {{ layer.get_name() }},{% endfor %} }, {collapsed: window.innerWidth < 700})
            .addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, layers: dict[str, DotLayer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DotControl"
        self.layers = layers
