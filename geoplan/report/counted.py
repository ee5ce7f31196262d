"""What demand counts, in words: a pack's demand is workers, metres of street, demand points or residents."""

from __future__ import annotations

from dataclasses import dataclass, fields

from geoplan.vocabulary.words import Language, groups, labels

__all__ = ["Counted", "counted_in"]


@dataclass(frozen=True, slots=True)
class Counted:
    """The words of a demand unit in one language.

    Parameters
    ----------
    of : str
        After the number of what a share is of: ``名户外劳动者``.
    n : str
        After a number: ``人``.
    one : str
        After a number that a sentence goes on from: ``名劳动者``.
    measure : str
        After a number that stands behind `whom`: ``劳动者 12 人``.
    who, whom, people : str
        Without a number, from the full name to the shortest.
    many : str
        What is compared where places are ranked: ``人数``.
    out, abroad : str
        Those of a slice of the day, at the end of a list and at its head: ``在外的劳动者``, ``在外劳动者``.
    hours : str
        The unit of demand times hours.
    hourly : str
        What makes one of these.
    """

    of: str
    n: str
    one: str
    measure: str
    who: str
    whom: str
    people: str
    many: str
    out: str
    abroad: str
    hours: str
    hourly: str


def counted_in(unit: str, language: Language = "zh") -> Counted:
    """Return the words of a demand unit; of one that nobody knows, the unit itself wherever it is counted.

    Parameters
    ----------
    unit : str
        ``demand_unit`` of a pack's manifest.
    language : {"zh", "en"}
        Language of the words.

    Returns
    -------
    Counted
        The words.
    """
    if f"counted.{unit}" in groups():
        words = labels(f"counted.{unit}", language)
        return Counted(**{form.name: words[form.name] for form in fields(Counted)})
    hours = f"{unit}·小时" if language == "zh" else f"{unit}-hours"
    hourly = (
        f"1 {unit} 有 1 小时走得到开放的站点"
        if language == "zh"
        else f"1 {unit} one hour within reach of an open station"
    )
    return Counted(unit, unit, unit, unit, unit, unit, unit, unit, unit, unit, hours, hourly)
