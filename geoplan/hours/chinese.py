"""Opening hours as Chinese registers write them: the words of a text put together into rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

from geoplan.hours.model import EVERY_DAY, HOLIDAYS_ZH, Days, Rule, Season, Span
from geoplan.hours.words import NotChinese, Word, words

__all__ = ["parse_chinese"]

_WORKDAY = Days(kinds=frozenset({"workday"}))
_RESTDAY = Days(kinds=frozenset({"restday"}))
_MONDAY_TO_FRIDAY = Days(weekdays=frozenset(range(5)))


@dataclass
class _Draft:
    """What has been read so far and is not yet a rule."""

    seasons: tuple[Season, ...] = ()
    days: list[Days] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    breaks: list[Span] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    closures: list[Rule] = field(default_factory=list)
    others: list[Rule] = field(default_factory=list)
    in_others: bool = False
    season_open: bool = False
    season_used: bool = True
    season_before: bool = False
    season_lost: bool = False
    usual: list[Rule] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def flush(self) -> None:
        """Turn the spans read so far into a rule."""
        if self.spans and self.season_lost and not self.seasons:
            raise NotChinese("it is not clear in which months the times hold", "看不出这些时间属于哪几个月")
        if not self.spans:
            if self.breaks:
                raise NotChinese("a break stands without opening hours", "只有休息时间，没有开放时间")
            return
        days = EVERY_DAY if not self.days else self.named_days()
        rule = Rule(days, _without(self.spans, self.breaks), self.seasons)
        (self.others if self.in_others else self.rules).append(rule)
        self.days, self.spans, self.breaks = [], [], []
        self.season_used = True

    def check_season(self) -> None:
        """Refuse months that were named and got no times."""
        if not self.season_used:
            raise NotChinese("months stand without times", "写了月份但没有写时间")

    def named_days(self) -> Days:
        """Return the days named so far, taken together."""
        if set(self.days) == {_WORKDAY, _MONDAY_TO_FRIDAY}:
            self.notes.append("“周一至周五（工作日）”理解为工作日：法定节假日不开放，调休上班日开放")
            return _WORKDAY
        return _union(self.days)


def _union(parts: list[Days]) -> Days:
    days = Days()
    for part in parts:
        days |= part
    return days


def _without(spans: list[Span], breaks: list[Span]) -> tuple[Span, ...]:
    """Take the breaks out of the spans."""
    left = sorted(set(spans))
    for start, end in breaks:
        cut = [((a, min(b, start)), (max(a, end), b)) for a, b in left]
        left = [piece for pair in cut for piece in pair if piece[0] < piece[1]]
    if not left:
        raise NotChinese("breaks leave no opening hours", "扣除休息时间后没有开放时间")
    return tuple(left)


def _joined(found: list[Word]) -> list[Word]:
    """Join days that stand side by side or are tied by 、和及, so that a later "closed" means all of them."""
    out: list[Word] = []
    for i, word in enumerate(found):
        if word.kind == "join":
            beside = {found[j].kind for j in (i - 1, i + 1) if 0 <= j < len(found)}
            if beside == {"days"}:
                continue
            word = replace(word, kind="break")
        if word.kind == "days" and out and out[-1].kind == "days":
            before = out.pop()
            word = replace(word, days=before.days | word.days, text=before.text + word.text)
        if word.kind == "all_day" and out and out[-1].kind == "all_day":
            continue
        out.append(word)
    return out


def _strict_holidays(found: list[Word], notes: list[str]) -> list[Word]:
    """Give 节假日 its reading: every rest day beside 工作日, else the breaks of statutory holidays."""
    if not any(word.loose for word in found):
        return found
    beside_workdays = any(word.kind == "days" and word.days == _WORKDAY for word in found)
    if beside_workdays:
        notes.append("节假日与工作日并列，理解为工作日以外的所有休息日")
        return [replace(word, days=_RESTDAY) if word.loose else word for word in found]
    notes.append("节假日理解为法定节假日，普通周末不在其中")
    return found


def _festival_notes(found: list[Word]) -> list[str]:
    """Say which days the name of a holiday is taken for."""
    named = dict.fromkeys(kind for kind in HOLIDAYS_ZH for word in found if kind in word.days.kinds)
    return [f"“{HOLIDAYS_ZH[kind]}”理解为该节日的法定假期" for kind in named]


def parse_chinese(text: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Read opening hours in the wording of a Chinese register.

    Parameters
    ----------
    text : str
        For example ``周一至周五 上午8:30—11:30 下午13:30—17:00（法定节假日除外）``. Times without days hold every day.

    Returns
    -------
    tuple of Rule
        General rules first, those of holidays after them, then closures and what is open in spite of them.
    tuple of str
        Notes on readings, in Chinese.

    Raises
    ------
    NotChinese
        When a part of the text is not understood or the whole can be read in more than one way.
    """
    notes: list[str] = []
    found = _joined(_strict_holidays(words(text), notes))
    notes += _festival_notes(found)
    draft = _Draft(notes=notes)
    i = 0
    while i < len(found):
        i += _step(draft, found, i)
    _finish(draft)
    rules = _merged(draft.others + draft.rules)
    _refuse_overlaps(rules)
    rules.sort(key=_precedence)
    return (*rules, *draft.closures, *draft.usual), tuple(dict.fromkeys(notes))


def _kind(found: list[Word], i: int) -> str:
    return found[i].kind if 0 <= i < len(found) else ""


def _step(draft: _Draft, found: list[Word], i: int) -> int:
    """Take one word, or a few that belong together; return how many."""
    word, kind = found[i], found[i].kind
    if kind != "season":
        was_open, draft.season_open = draft.season_open, False
        draft.season_open = was_open and kind in ("break", "(", ")", "season_name")
    if kind == "season":
        _season(draft, found, i)
    elif kind == "season_name":
        return _season_name(draft, found, i)
    elif kind == "other_months":
        draft.flush()
        draft.check_season()
        draft.seasons, draft.in_others, draft.season_used, draft.season_lost = (), True, False, False
    elif kind == "days":
        return _days(draft, found, i)
    elif kind in ("span", "all_day"):
        if kind == "all_day" and _kind(found, i + 1) == "closed":
            return 1
        draft.spans.append(word.span)
    elif kind == "lunch":
        return _lunch(draft, found, i)
    elif kind == "closed":
        _closed(draft, found, i)
    elif kind == "except":
        return _except(draft, found, i)
    elif kind == "excluded":
        if _dated_closure(draft, found, i):
            return 1
        raise NotChinese("it is not clear what is excluded", "看不出“除外”指什么")
    elif kind == "other_times":
        return _other_times(draft, found, i)
    return 1


def _other_times(draft: _Draft, found: list[Word], i: int) -> int:
    """Read 其余时间: closed, as usual, or the days that nothing else names."""
    after = _kind(found, i + 1)
    if after == "closed":
        return 2
    if after not in ("as_usual", "span", "all_day", "days"):
        raise NotChinese("other times are mentioned without saying which", "“其余时间”后没有写明时间或休息")
    draft.flush()
    whole = any(rule.days == EVERY_DAY and not rule.seasons for rule in draft.rules)
    if after == "as_usual":
        if not whole:
            raise NotChinese(
                "other times are as usual, and what is usual is not said", "“其余时间”照常，但没有写明时间"
            )
        return 2
    if whole or draft.others:
        raise NotChinese("times of every day stand beside other times", "已写明每天的时间，又写“其余时间”")
    draft.check_season()
    draft.seasons, draft.in_others, draft.season_lost = (), True, False
    return 1


def _season(draft: _Draft, found: list[Word], i: int) -> None:
    season = found[i].season
    assert season is not None
    if draft.season_open and not draft.spans and not draft.days:
        draft.seasons += (season,)
        return
    in_brackets = _kind(found, i - 1) == "(" and _kind(found, i + 1) == ")" and _kind(found, i - 2) != "season_name"
    if draft.spans and in_brackets:  # 8:00-18:00（5-9月）: the season follows its times
        draft.seasons = (season,)
        draft.flush()
        draft.seasons = ()
        return
    draft.flush()
    if draft.days:
        raise NotChinese("days stand without times", "写了日子但没有写时间")
    draft.check_season()
    draft.season_before = bool(draft.seasons) or draft.in_others
    draft.seasons, draft.season_open, draft.in_others, draft.season_used = (season,), True, False, False
    if season.years is None:
        draft.season_lost = False


def _season_name(draft: _Draft, found: list[Word], i: int) -> int:
    """Accept a season's name beside its months only: nobody knows when a union's summer starts."""
    after = i + 1
    while _kind(found, after) in ("(", "break", "span", "all_day"):
        after += 1
    before = i - 1
    while _kind(found, before) in ("(", "break"):
        before -= 1
    if _kind(found, after) == "season" or (_kind(found, before) == "season" and draft.season_open):
        return 1
    name = found[i].text
    raise NotChinese(f"the season {name!r} is named without its months", f"“{name}”没有写明月份")


def _days(draft: _Draft, found: list[Word], i: int) -> int:
    word, after = found[i], _kind(found, i + 1)
    in_brackets = _kind(found, i - 1) == "("
    if after in ("closed", "excluded") or (after == "all_day" and _kind(found, i + 2) == "closed"):
        if after == "excluded" and "closed" in (_kind(found, i - 1), _kind(found, i - 2)):
            raise NotChinese("an exception from a closure can be read in two ways", "休息日的“除外”有两种理解")
        seasons = draft.seasons if in_brackets and not word.days.kinds else ()
        draft.closures.append(Rule(word.days, (), seasons, "closed"))
        return 3 if after == "all_day" else 2
    if after == "as_usual":
        draft.flush()
        if not draft.rules:
            return 2  # 节假日照常 before the times: the times that follow hold every day anyway
        draft.usual.append(Rule(word.days, draft.rules[-1].spans, draft.rules[-1].seasons))
        return 2
    if draft.spans and not draft.days and in_brackets and after == ")":
        draft.days.append(word.days)
        draft.flush()
        return 2
    draft.flush()
    draft.days.append(word.days)
    return 1


def _lunch(draft: _Draft, found: list[Word], i: int) -> int:
    after = i + 1
    while _kind(found, after) in ("break", "(", "join"):
        after += 1
    if _kind(found, after) == "span":
        draft.breaks.append(found[after].span)
        return after + 1 - i
    if _kind(found, after) in ("as_usual",) or found[i].text.endswith("时间"):
        raise NotChinese("a midday break is named without its times", "提到午休但没有写时间")
    return _break_before(draft)


def _break_before(draft: _Draft) -> int:
    """Take the span read last as a break, as in 9:00-17:00（12:00-13:30 休息）."""
    if len(draft.spans) < 2:
        raise NotChinese("it is not clear when the break is", "看不出休息是什么时间")
    draft.breaks.append(draft.spans.pop())
    return 1


def _dated_closure(draft: _Draft, found: list[Word], i: int) -> bool:
    """Take dates that stand before 暂停 or 除外 as a closure; tells whether there were any."""
    if _kind(found, i - 1) != "season" or draft.season_used or draft.spans or draft.days or draft.breaks:
        return False
    draft.closures.append(Rule(EVERY_DAY, (), draft.seasons, "closed"))
    if any(season.years is None for season in draft.seasons):
        draft.notes.append("停止开放的日期未写年份，按每年理解")
    draft.season_lost = draft.season_lost or draft.season_before
    draft.seasons, draft.season_used, draft.season_open = (), True, False
    return True


def _closed(draft: _Draft, found: list[Word], i: int) -> None:
    if _dated_closure(draft, found, i):
        return
    if _kind(found, i - 1) == "span" and draft.spans:
        if len(draft.spans) == 1 and draft.rules and not draft.days:
            # 周一至周五 9:00-17:00，（…）12:00-13:30 休息 after a closed clause
            last = draft.rules.pop()
            draft.rules.append(replace(last, spans=_without(list(last.spans), draft.spans)))
            draft.spans = []
            return
        _break_before(draft)
        return
    raise NotChinese("it is not clear what is closed", "看不出什么时候休息")


def _except(draft: _Draft, found: list[Word], i: int) -> int:
    """除…外: the days named are closed."""
    after = _kind(found, i + 2)
    if _kind(found, i + 1) != "days" or after not in ("excluded", ")", ""):
        raise NotChinese("an exception is not understood", "“除……外”看不懂")
    draft.closures.append(Rule(found[i + 1].days, (), (), "closed"))
    return 3 if after == "excluded" else 2


def _finish(draft: _Draft) -> None:
    draft.flush()
    draft.check_season()
    if draft.days:
        lone = len(draft.rules) == 1 and draft.rules[0].days == EVERY_DAY and len(draft.days) == 1
        if not lone:
            raise NotChinese("days stand without times", "写了日子但没有写时间")
        draft.rules[0] = replace(draft.rules[0], days=draft.days[0])  # 9:00-17:00 周一至周五
    if not draft.rules and not draft.others:
        raise NotChinese("no times are given", "没有写时间")


def _merged(rules: list[Rule]) -> list[Rule]:
    """Put the times of the same days in the same season together."""
    together: dict[tuple[Days, tuple[Season, ...]], list[Span]] = {}
    for rule in rules:
        together.setdefault((rule.days, rule.seasons), []).extend(rule.spans)
    return [Rule(days, tuple(sorted(set(spans))), seasons) for (days, seasons), spans in together.items()]


def _refuse_overlaps(rules: list[Rule]) -> None:
    """Refuse days that are named twice with different times: neither replacing nor adding is certain."""
    for a, b in combinations(rules, 2):
        plain = not a.days.kinds and not b.days.kinds and a.seasons == b.seasons
        if plain and EVERY_DAY not in (a.days, b.days) and a.days.weekdays & b.days.weekdays:
            raise NotChinese("a weekday is given two different times", "同一天写了两种时间")
        crossing = any(_crossing(x, y) for x in a.seasons for y in b.seasons)
        if a.days == b.days and a.seasons != b.seasons and crossing:
            raise NotChinese("two seasons overlap", "两个季节的月份有重叠")


def _crossing(x: Season, y: Season) -> bool:
    """Tell whether two seasons have a day in common; dates of one year replace what comes every year."""
    if (x.years is None) != (y.years is None):
        return False
    years = (0, 0) if x.years is None or y.years is None else (x.years[0], y.years[0])
    return x.holds(years[1], *y.start) or y.holds(years[0], *x.start)


def _precedence(rule: Rule) -> tuple[int, int, bool]:
    """Order rules so that the special replaces the general: holidays over workdays over weekdays over every day."""
    named = rule.days.kinds & HOLIDAYS_ZH.keys()
    kind = 3 if named else 2 if "holiday" in rule.days.kinds else 1 if rule.days.kinds else 0
    season = 2 if any(season.years for season in rule.seasons) else 1 if rule.seasons else 0
    return kind, season, rule.days != EVERY_DAY
