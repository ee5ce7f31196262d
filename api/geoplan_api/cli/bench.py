"""``geoplan bench``: speed and proof beside the peers, on this machine, in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from geoplan.bench.city import run_city
from geoplan.bench.published import published_questions
from geoplan.bench.reach import run_reach
from geoplan.bench.register import kill_writers
from geoplan.bench.siting import run_case
from geoplan.bench.solving import Reading, run_instance
from geoplan.bench.standing import QUESTIONS, QUICK, Question, parse_generated, run_standing
from geoplan.bench.text import name_of
from geoplan.bench.tsplib import Rounding
from geoplan.demo import demo_pack_dir
from geoplan.errors import InputError
from geoplan.pack import CityPack
from geoplan.standard import STANDARD
from geoplan_api.cli.common import JsonFlag
from geoplan_api.cli.output import console, emit_json, error_console, table
from geoplan_api.cli.stopping import asked_to_stop

__all__ = ["app"]

app = typer.Typer(help="Speed and proof beside the peers, in one run.", no_args_is_help=True)


@app.command()
def reach(
    nodes: Annotated[int, typer.Option(help="Street nodes of the graph.", min=100)] = 200_000,
    origins: Annotated[int, typer.Option(help="Origins asked for.", min=1)] = 1000,
    limit_s: Annotated[float, typer.Option(help="Bound of the search, seconds.", min=1)] = STANDARD.limit_s,
    json: JsonFlag = False,
) -> None:
    """Places within reach of many origins: geoplan beside the peers that are installed."""
    result = run_reach(nodes, origins, limit_s)
    if json:
        emit_json(result.to_dict())
        return
    rows = [
        (
            f"{row.name} {row.version}",
            f"{row.prepare_s:.2f}",
            f"{row.origins:,}",
            f"{row.query_s:.3f}",
            f"{row.per_origin_ms:.3f}",
            f"{result.ratio(row.name):.1f}×",
            f"{row.reached:,}",
        )
        for row in result.rows
    ]
    out = console()
    out.print(
        f"{result.nodes:,} nodes, {result.edges:,} edges, {result.limit_s:g} s; first call {result.first_call_s:.2f} s"
    )
    out.print(table("", ["library", "prepare s", "origins", "query s", "ms/origin", "ratio", "reached"], rows))
    if result.absent:
        out.print(f"[dim]not installed here: {', '.join(result.absent)}[/]")


@app.command()
def siting(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Published instances (pmed, pmedcap, scp, cap, TSPLIB, points (SJC), cost matrix, pairs), or "
            "uniform100:50000x1000 (demand x sites), or 'city' (the demonstration city). Without any: the standing "
            "table beside the peers."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model; what the format is published for without it.")] = None,
    p: Annotated[int | None, typer.Option(help="Number of sites; the file's own without it.", min=1)] = None,
    radius: Annotated[float | None, typer.Option(help="Coverage radius, in the file's unit.", min=0)] = None,
    share: Annotated[float | None, typer.Option(help="Share of demand to cover (pscp).", min=0, max=1)] = None,
    single_source: Annotated[
        bool | None, typer.Option(help="Each demand point has one site alone; so for cpmedian without it.")
    ] = None,
    demand: Annotated[Path | None, typer.Option(help="Demand table of a cost matrix, with a column NAME.")] = None,
    weight: Annotated[str, typer.Option(help="Its column of weights.")] = "POP2000",
    number: Annotated[int | None, typer.Option(help="Which problem of a pmedcap collection.", min=1)] = None,
    rounding: Annotated[
        Rounding | None,
        typer.Option(help="Distances between points: nearest, down or exact; as the format is published without it."),
    ] = None,
    optima: Annotated[Path | None, typer.Option(help="Table of optima; optimal.csv beside a file without it.")] = None,
    every: Annotated[
        bool, typer.Option("--every", help="Every question that the table of optima has for a file.")
    ] = False,
    capacity: Annotated[float | None, typer.Option(help="Capacity where a cap file leaves it open.", min=0)] = None,
    time_limit_s: Annotated[float, typer.Option(help="Seconds for each instance.", min=0.1)] = 120.0,
    seed: Annotated[int, typer.Option(help="Seed of generated points.", min=0)] = 1,
    only: Annotated[str | None, typer.Option(help="Questions of the standing table that begin so, e.g. lscp.")] = None,
    quick: Annotated[bool, typer.Option(help="The standing table at small sizes.")] = False,
    peers: Annotated[bool, typer.Option(help="Ask the peers in the standing table, too.")] = True,
    peer_limit_s: Annotated[float, typer.Option(help="Seconds of solving for each peer.", min=0.1)] = 120.0,
    json: JsonFlag = False,
) -> None:
    """Solve published instances in their own format and hold them against the optimum beside them."""
    if not files:
        standing(QUICK if quick else QUESTIONS, only, peers, peer_limit_s, time_limit_s, seed, json)
        return
    reading = Reading(demand, weight, capacity, number, rounding)
    facts: list[dict[str, Any]] = []
    with asked_to_stop() as stop:
        for name in files:
            case = parse_generated(name, model, p, radius)
            if case is not None:
                facts.append(run_case(case, time_limit_s, seed, stop))
            elif name == "city":
                facts += run_city(CityPack.open(demo_pack_dir()), time_limit_s=time_limit_s, cancel=stop)
            else:
                path = Path(name)
                table_of = optima or path.parent / "optimal.csv"
                for question in published_questions(table_of, name_of(path)) if every else [{}]:
                    run = run_instance(
                        path,
                        model,
                        **({"p": p, "radius": radius} | question),
                        share=share,
                        single_source=single_source,
                        reading=reading,
                        optima=optima,
                        time_limit_s=time_limit_s,
                        cancel=stop,
                    )
                    facts.append(run.to_dict())
                    if stop():
                        break
            if stop():
                break
    if json:
        emit_json(facts[0] if len(facts) == 1 else facts)
        return
    rows = []
    for fact in facts:
        published = fact.get("published")
        seconds = fact["solve_s"] if "solve_s" in fact else fact["seconds"]
        rows.append(
            (
                fact.get("instance") or fact["case"],
                fact.get("model", "mclp"),
                " ".join(f"{key} {fact[key]:g}" for key in ("p", "radius") if fact.get(key) is not None),
                f"{fact['n_demand']:,} × {fact['n_sites']:,}",
                "–" if fact["objective"] is None else f"{fact['objective']:,.10g}",
                "–" if fact["bound"] is None else f"{fact['bound']:,.10g}",
                "–" if fact["gap"] is None else f"{fact['gap']:.3%}",
                fact["status"],
                f"{seconds:.2f}",
                "–" if published is None else f"{published:,.10g} {'=' if fact['matches_published'] else '≠'}",
            )
        )
    heads = ["instance", "model", "asked", "size", "objective", "bound", "gap", "status", "s", "published"]
    console().print(table("", heads, rows, left=3))
    for fact in facts:
        for reason in fact.get("reasons", []):
            console().print(f"{fact.get('instance') or fact['case']}: {reason}", markup=False)
    if stop():
        console().print("stopped by Ctrl-C: the best found so far, the rest not asked")


def standing(
    questions: Sequence[Question],
    only: str | None,
    peers: bool,
    peer_limit_s: float,
    time_limit_s: float,
    seed: int,
    json: bool,
) -> None:
    """Print the standing table: geoplan beside plain HiGHS and spopt, in one run."""
    asked = [question for question in questions if only is None or question.name.startswith(only)]
    if not asked:
        names = ", ".join(question.name for question in questions)
        raise InputError(f"no question of the table begins with {only!r}; they are {names}")
    notes = error_console()
    rows, absent = run_standing(
        asked,
        peers=peers,
        peer_limit_s=peer_limit_s,
        time_limit_s=time_limit_s,
        seed=seed,
        progress=None if json else lambda step: notes.print(f"  [dim]{step} …[/]"),
    )
    if json:
        emit_json({"rows": [row.to_dict() for row in rows], "absent": list(absent), "seed": seed})
        return
    cells = [
        (
            row.question,
            row.solver,
            row.claim,
            "–" if row.objective is None else f"{row.objective:,.10g}",
            "–" if row.bound is None else f"{row.bound:,.10g}",
            f"{row.seconds:.2f}",
            f"{row.ratio:.1f}×",
        )
        for row in rows
    ]
    heads = ["question", "solver", "its claim", "objective (recomputed)", "bound", "s", "ratio"]
    console().print(table("", heads, cells, left=3))
    if absent:
        console().print(f"[dim]not installed here: {', '.join(absent)} (extra 'bench')[/]")


@app.command()
def register(
    kills: Annotated[int, typer.Option(help="How often the writer is killed.", min=1)] = 100, json: JsonFlag = False
) -> None:
    """Kill the register's writer again and again, and look for what is lost or there by half."""
    with tempfile.TemporaryDirectory() as folder:
        result = kill_writers(Path(folder), kills=kills)
    facts = {field.name: getattr(result, field.name) for field in fields(result)}
    if json:
        emit_json(facts)
        return
    console().print(table("", list(facts), [[str(value) for value in facts.values()]]))


@app.command()
def api(
    pack: Annotated[Path | None, typer.Argument(help="A pack folder; the demonstration city without it.")] = None,
    seconds: Annotated[float, typer.Option(help="Length of each run.", min=1)] = 5.0,
    workers: Annotated[int, typer.Option(help="Processes of the server.", min=1, max=64)] = 1,
    connections: Annotated[int, typer.Option(help="Callers at once.", min=1, max=1000)] = 16,
    mixed: Annotated[bool, typer.Option("--mixed", help="One run of all questions, watching memory.")] = False,
    json: JsonFlag = False,
) -> None:
    """Load the service on loopback: requests a second, times to answer, processor time, memory (wrk or Python)."""
    from geoplan.demo import demo_pack_dir
    from geoplan_api.cli.bench_service import bench_api, bench_mixed  # no other bench needs a server

    root = pack or demo_pack_dir()
    options: dict[str, Any] = {"seconds": seconds, "connections": connections, "workers": workers}
    long_run = bench_mixed(root, **options) if mixed else None
    figures = bench_api(root, **options) if long_run is None else [long_run.load]
    if json:
        emit_json(long_run.to_dict() if long_run else [row.to_dict() for row in figures])
        return
    rows = [
        (
            row.name,
            f"{row.different:,}",
            f"{row.requests_per_s:,.0f}",
            f"{row.p50_ms:.1f}",
            f"{row.p99_ms:.1f}",
            str(row.failed),
            f"{row.cpu_ms:.3f}",
            f"{row.rss_before_mb:,.0f} → {row.rss_after_mb:,.0f}",
        )
        for row in figures
    ]
    heads = ["question", "different", "requests/s", "p50 ms", "p99 ms", "failed", "cpu ms", "memory MB"]
    out = console()
    out.print(f"{workers} process(es) · {connections} callers · {seconds:g} s a run · {figures[0].tool}")
    out.print(table("", heads, rows))
    if long_run is not None:
        samples = zip(long_run.seconds, long_run.rss_mb, strict=True)
        out.print("memory MB: " + " · ".join(f"{at:.0f} s {rss:,.0f}" for at, rss in samples))
