"""``geoplan embed``: the frame that shows the public map on the union's own web site."""

from __future__ import annotations

from typing import Annotated

import typer
from geoplan_maps.embed import embed_snippet

from geoplan_api.cli.output import error_console

__all__ = ["embed"]


def embed(
    address: Annotated[
        str, typer.Argument(help="Where the service is reached: https://… , with filters after # if any.")
    ],
    title: Annotated[str, typer.Option(help="What a screen reader says of the map.")] = "户外劳动者服务站点地图",
    height_px: Annotated[int, typer.Option(help="Height of the map, pixels.")] = 640,
) -> None:
    """Print the HTML that shows the public map inside another web page."""
    typer.echo(embed_snippet(address, title=title, height_px=height_px))
    error_console().print(
        "The service must name the other site, or browsers leave the frame empty: "
        'GEOPLAN_SECURITY__EMBED_ORIGINS=["https://the.other.site"]',
        markup=False,
        soft_wrap=True,
    )
