"""OGC API - Features Part 1 (core, GeoJSON, OpenAPI) and Part 3 filters in CQL2 text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import numpy as np
import shapely
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from geoplan.geojson import to_geojson
from geoplan.report.words import heads
from geoplan_api.http.ogc import COLLECTIONS, Collection, evaluate, parse_filter
from geoplan_api.http.ogc.collections import column_type
from geoplan_api.http.parameters import State, own_url, parse_bbox
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import GEOJSON, SHORT, STEADY, json_answer


def one_format(
    f: Annotated[str | None, Query(description="Only JSON is offered", pattern="^(json|geojson)$")] = None,
    filter_lang: Annotated[str | None, Query(alias="filter-lang", pattern="^cql2-text$")] = None,
) -> None:
    """Refuse other formats and other filter languages than the ones offered."""
    del f, filter_lang  # their patterns have said it all


router = APIRouter(prefix="/v1/ogc", tags=["OGC API"], dependencies=[Depends(one_format)])

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
)
_OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.1"
_COMMON: Final = {"bbox", "bbox-crs", "datetime", "limit", "offset", "filter", "filter-lang", "filter-crs", "crs", "f"}

Name = Annotated[str, Path(max_length=40, description="Id of the collection")]


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """Return a link object."""
    made = {"href": href, "rel": rel, "type": media_type}
    return {**made, "title": title} if title else made


def root(request: Request) -> str:
    """Return the address of the landing page."""
    return f"{own_url(request)}/v1/ogc"


def collection_of(name: str) -> Collection:
    """Return a collection by its id; raises the problem "not-found"."""
    found = COLLECTIONS.get(name)
    if found is None:
        raise ProblemError("not-found", f"there is no collection {name!r}; there are {', '.join(COLLECTIONS)}")
    return found


@router.get("", include_in_schema=False, response_class=Response)
@router.get("/", summary="Landing page", response_class=Response)
def landing(request: Request, state: State) -> Response:
    """Return the links from which a client finds everything else."""
    base, manifest = root(request), state.pack.manifest
    return json_answer(
        {
            "title": f"{manifest.name_zh} · {manifest.name_en}",
            "description": "工会户外劳动者服务站点 · stations for outdoor workers",
            "attribution": state.tiles.attribution,
            "links": [
                link(f"{base}/", "self", "application/json"),
                link(f"{own_url(request)}/v1/openapi.json", "service-desc", _OPENAPI),
                link(f"{own_url(request)}/docs", "service-doc", "text/html"),
                link(f"{base}/conformance", "conformance", "application/json"),
                link(f"{base}/collections", "data", "application/json"),
            ],
        },
        cache=STEADY,
    )


@router.get("/conformance", summary="What is conformed to", response_class=Response)
def conformance() -> Response:
    """List the conformance classes."""
    return json_answer({"conformsTo": CONFORMANCE}, cache=STEADY)


def _describe(request: Request, state: ServiceState, collection: Collection) -> dict[str, Any]:
    address = f"{root(request)}/collections/{collection.name}"
    return {
        "id": collection.name,
        "title": f"{collection.title_zh} · {collection.title}",
        "description": collection.description,
        "itemType": "feature",
        "origin": state.pack.manifest.origin,
        "extent": {"spatial": {"bbox": [list(state.pack.bounds)], "crs": CRS84}},
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link(address, "self", "application/json"),
            link(f"{address}/items", "items", GEOJSON),
            link(
                f"{address}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json"
            ),
        ],
    }


@router.get("/collections", summary="The collections", response_class=Response)
def collections(request: Request, state: State) -> Response:
    """Describe every collection."""
    return json_answer(
        {
            "links": [link(f"{root(request)}/collections", "self", "application/json")],
            "collections": [_describe(request, state, collection) for collection in COLLECTIONS.values()],
        },
        cache=STEADY,
    )


@router.get("/collections/{name}", summary="One collection", response_class=Response)
def collection(request: Request, state: State, name: Name) -> Response:
    """Describe a collection."""
    return json_answer(_describe(request, state, collection_of(name)), cache=STEADY)


@router.get("/collections/{name}/queryables", summary="What may be filtered by", response_class=Response)
def queryables(request: Request, state: State, name: Name) -> Response:
    """Return a JSON Schema of the properties that a filter may name."""
    chosen = collection_of(name)
    frame, zh, en = chosen.frame(state), heads("zh"), heads("en")
    properties: dict[str, Any] = {
        column: {"title": f"{zh.get(column, column)} · {en.get(column, column)}", "type": column_type(frame, column)}
        for column in chosen.queryables
        if column in frame
    }
    properties["geometry"] = {"format": "geometry-any", "x-ogc-role": "primary-geometry"}
    return json_answer(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{root(request)}/collections/{name}/queryables",
            "type": "object",
            "title": chosen.title,
            "properties": properties,
            "additionalProperties": False,
        },
        media_type="application/schema+json",
        cache=STEADY,
    )


@router.get("/collections/{name}/items", summary="Features", response_class=Response)
def items(
    request: Request,
    state: State,
    name: Name,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north (CRS84)")] = None,
    datetime_: Annotated[
        str | None, Query(alias="datetime", max_length=60, description="Taken, but no feature has a time of its own")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10000, description="Most features in one answer")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    filter: Annotated[str | None, Query(description="CQL2 text", examples=["h24 = TRUE"])] = None,  # noqa: A002
) -> Response:
    """Return the features that meet every condition, with links to the next and the previous page.

    A property may also be asked for by its own name: `…/items?district_code=320213`.
    """
    chosen = collection_of(name)
    frame = chosen.frame(state)
    mask = _selected(request, chosen, frame, bbox, datetime_, filter)
    rows = np.flatnonzero(mask)
    page = frame.iloc[rows[offset : offset + limit]]
    made = to_geojson(page, digits=7)
    for feature in made["features"]:
        feature["id"] = feature["properties"][chosen.key]
    return json_answer(
        {
            **made,
            "origin": state.pack.manifest.origin,
            "numberMatched": len(rows),
            "numberReturned": len(page),
            "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "links": _pages(request, name, offset, limit, len(rows)),
        },
        media_type=GEOJSON,
        cache=SHORT,
        modified=state.stations.modified,
        headers={"Content-Crs": f"<{CRS84}>"},
    )


@router.get("/collections/{name}/items/{key}", summary="One feature", response_class=Response)
def item(request: Request, state: State, name: Name, key: Annotated[str, Path(max_length=80)]) -> Response:
    """Return one feature by its id."""
    chosen = collection_of(name)
    frame = chosen.frame(state)
    found = frame[frame[chosen.key].astype(str) == key]
    if not len(found):
        raise ProblemError("not-found", f"the collection {name} has no such feature")
    feature = to_geojson(found.head(1), digits=7)["features"][0]
    address = f"{root(request)}/collections/{name}"
    feature["id"] = key
    feature["origin"] = state.pack.manifest.origin
    feature["links"] = [
        link(f"{address}/items/{key}", "self", GEOJSON),
        link(address, "collection", "application/json"),
    ]
    return json_answer(feature, media_type=GEOJSON, cache=SHORT, modified=state.stations.modified)


def _selected(
    request: Request, chosen: Collection, frame: Any, bbox: str | None, datetime_: str | None, condition: str | None
) -> Any:
    _check_datetime(datetime_)
    for name in ("bbox-crs", "filter-crs", "crs"):
        if request.query_params.get(name, CRS84) != CRS84:
            raise ProblemError("bad-request", f"{name}: only {CRS84} is offered")
    mask = np.ones(len(frame), bool)
    rectangle = parse_bbox(bbox)
    if rectangle is not None:
        mask &= shapely.intersects(frame.geometry.to_numpy(), shapely.box(*rectangle))
    own = set(request.query_params.keys()) - _COMMON
    unknown = sorted(own - set(chosen.queryables))
    if unknown:
        raise ProblemError("bad-request", f"the parameter {unknown[0][:40]!r} is not known here")
    for name in sorted(own):
        tree = {"op": "=", "args": [{"property": name}, _typed(frame, name, request.query_params[name])]}
        mask &= evaluate(tree, frame, chosen.queryables)
    if condition:
        mask &= evaluate(parse_filter(condition), frame, chosen.queryables)
    return mask


def _typed(frame: Any, name: str, text: str) -> str | float | bool:
    kind = column_type(frame, name) if name in frame else "string"
    if kind == "boolean":
        return text.lower() == "true"
    if kind in ("integer", "number"):
        try:
            return float(text)
        except ValueError:
            raise ProblemError("bad-request", f"{name}: a number is needed") from None
    return text


def _check_datetime(text: str | None) -> None:
    """Refuse what is neither an instant nor an interval of RFC 3339."""
    if text is None:
        return
    parts = text.split("/")
    try:
        if len(parts) > 2 or all(part in ("", "..") for part in parts):
            raise ValueError
        for part in parts:
            if part not in ("", ".."):
                datetime.fromisoformat(part.replace("Z", "+00:00"))
    except ValueError:
        raise ProblemError("bad-request", "datetime: give an instant or an interval of RFC 3339") from None


def _pages(request: Request, name: str, offset: int, limit: int, matched: int) -> list[dict[str, str]]:
    address = f"{root(request)}/collections/{name}"
    given = [(key, value) for key, value in request.query_params.multi_items() if key not in ("offset", "limit")]

    def page(start: int) -> str:
        return f"{address}/items?{urlencode([*given, ('offset', start), ('limit', limit)])}"

    links = [link(page(offset), "self", GEOJSON), link(address, "collection", "application/json")]
    if offset + limit < matched:
        links.append(link(page(offset + limit), "next", GEOJSON))
    if offset > 0:
        links.append(link(page(max(offset - limit, 0)), "prev", GEOJSON))
    return links
