"""``geoplan verify``: check the certificate of a plan, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoplan.errors import InputError
from geoplan.siting.verify import verify_certificate
from geoplan_api.cli.common import JsonFlag
from geoplan_api.cli.output import console, emit_json

__all__ = ["verify"]


def verify(
    certificate: Annotated[Path, typer.Argument(help="The certificate of a plan (.zip).")],
    json: JsonFlag = False,
) -> None:
    """Recompute a plan's objective, its rules and the proof of its bound; exit code 2 where a claim does not hold."""
    verdict = verify_certificate(certificate)
    if json:
        emit_json(
            {
                "holds": verdict.holds,
                "checked": verdict.checked,
                "objective": verdict.objective,
                "bound": verdict.bound,
                "proven": verdict.proven,
                "bound_by": verdict.bound_by,
                "refused": [{"en": fault.sentence(), "zh": fault.sentence("zh")} for fault in verdict.refused],
            }
        )
    if not verdict.holds:
        raise InputError(verdict.refused)
    if json:
        return
    by = (
        "已核验 checked"
        if verdict.checked
        else f"由 {verdict.bound_by} 给出，未核验 by {verdict.bound_by}, not checked"
    )
    out = console()
    out.print(f"目标值 objective {verdict.objective:,.10g}；约束全部满足 every rule holds")
    out.print("界 bound " + ("–" if verdict.bound is None else f"{verdict.bound:,.10g}") + f"：{by}")
