"""What a pack holds, in plain values for a terminal, a page or a program."""

from __future__ import annotations

from typing import Any

from geoplan.pack.layers import LAYER_SPECS
from geoplan.pack.model import CityPack

__all__ = ["describe"]


def describe(pack: CityPack) -> dict[str, Any]:
    """Summarise a pack: names, origin, layers with their files and sources, totals, notes and known defects.

    Parameters
    ----------
    pack : CityPack
        An open pack.

    Returns
    -------
    dict
        JSON-able; ``layers`` is a list with one entry a file.
    """
    manifest = pack.manifest
    layers = [
        {
            "layer": name,
            "records": len(getattr(pack, name)),
            "path": entry.path,
            "source": entry.source,
            "date": entry.date,
            "licence": entry.licence,
            "defects": list(entry.defects),
        }
        for name in LAYER_SPECS
        if (entry := manifest.files.get(name)) is not None
    ]
    defects = [defect for entry in manifest.files.values() for defect in entry.defects]
    return {
        "name_zh": manifest.name_zh,
        "name_en": manifest.name_en,
        "area": manifest.area,
        "origin": manifest.origin,
        "crs_metric": manifest.crs_metric,
        "demand_unit": manifest.demand_unit,
        "total_demand": pack.total_demand,
        "trades": list(pack.trades),
        "districts": [
            {"district_code": code, "name": name}
            for code, name in zip(pack.districts["district_code"], pack.districts["name"], strict=True)
        ],
        "layers": layers,
        "attribution": list(manifest.attribution),
        "notes": list(dict.fromkeys([*manifest.notes, *defects])),
    }
