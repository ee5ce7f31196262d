"""The words of which Chinese registers make opening hours, cut out of a text; anything else is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from geoplan.hours.model import EVERY_DAY, DayKind, Days, Season, Span
from geoplan.hours.osm import NotOsm, check_day, last_day, span

__all__ = ["NotChinese", "Word", "words"]

Kind = Literal[
    "season", "season_name", "other_months", "days", "span", "all_day", "closed", "lunch", "except", "excluded",
    "as_usual", "other_times", "(", ")", "join", "break",
]  # fmt: skip


class NotChinese(ValueError):  # noqa: N818 - names what the text is not
    """The text holds something that is not understood; carries the reason in English and in Chinese."""

    def __init__(self, reason: str, reason_zh: str) -> None:
        super().__init__(reason)
        self.reason, self.reason_zh = reason, reason_zh


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its kind, its place in the text, and what it stands for."""

    kind: Kind
    text: str
    days: Days = EVERY_DAY
    season: Season | None = None
    span: Span = (0, 1440)
    loose: bool = False  # 节假日: statutory holidays, or every rest day where 工作日 stands beside it


_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WEEKDAYS: Final = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6} | {str(i + 1): i for i in range(7)}
_LAST_DAY: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_TO = r"\s*(?:-|至|到)\s*"
_WEEK = r"(?:周|星期|礼拜)"
_W = r"[一二三四五六日天]"
_PERIOD = r"(?:上午|早上|早晨|清晨|早|凌晨|中午|下午|午后|傍晚|晚上|晚间|夜间|夜里|晚|夜)"
_NEXT = r"(?:次日|第二天|翌日|隔天|第二日)"
_CLOCK = r"(?:\d{1,2}:\d{2}(?::00)?|\d{1,2}\.\d{2}(?!\d)|\d{1,2}[点时](?:半|[一三]刻|\d{1,2}分?|整|钟)?)"
_TIME = rf"(?:{_NEXT}|当日|当天)?\s*(?:{_PERIOD}\s*:?)?\s*{_CLOCK}"
_DATE = r"(?:1[0-2]|0?[1-9])月份?(?:(?:[12]\d|3[01]|0?[1-9])[日号]?(?![\d:点时]))?"
_YEAR = r"20\d\d年"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])[日号](?![\d:点时])"
_MONTH_DAY = rf"(?:1[0-2]|0?[1-9])月{_DAY}"
_BREAK = r"(?:法定)?(?:假期|长假|黄金周|小长假|放假|假日)?(?:期间)?"
_FESTIVAL = (
    rf"(?:(?:元旦节?|春节|清明节?|(?:五一)?(?:国际)?劳动节|端午节?|中秋节?|(?:十一)?国庆节?){_BREAK}"
    r"|(?:五一|十一)(?:法定)?(?:(?:假期|长假|黄金周|小长假|放假)(?:期间)?|期间))"
)
_FESTIVALS: Final[dict[DayKind, str]] = {
    "new_year": "元旦", "spring_festival": "春节", "tomb_sweeping": "清明", "labour_day": "五一|国际劳动|劳动",
    "dragon_boat": "端午", "mid_autumn": "中秋", "national_day": "十一|国庆",
}  # fmt: skip
_HOLIDAY = r"(?:国家|国定)?法定(?:的)?(?:节假日|节日|假日|假期|休假日)"

_TABLE: Final[tuple[tuple[Kind | Literal["noise"], str], ...]] = (
    (
        "all_day",
        r"(?:全天候?|昼夜|每天|每日|全年)?\s*(?:7\s*[x×*]\s*24|24\s*[x×*/]\s*7|24)\s*(?:个?小时|h(?:ours?)?)(?:\s*(?:全天候?|不间断|不打烊))?",
    ),
    ("all_day", r"(?:7\s*[x×*]\s*24|24\s*[x×*/]\s*7)|全天候?|全时段"),
    ("season", rf"{_YEAR}{_MONTH_DAY}{_TO}(?:{_YEAR}{_MONTH_DAY}|{_MONTH_DAY}|{_DAY})"),
    ("season", rf"{_YEAR}{_DATE}(?!{_TO}(?:{_YEAR})?\d{{1,2}}[月日号])"),
    ("season", rf"(?:每年)?{_MONTH_DAY}{_TO}{_DAY}"),
    ("season", rf"(?:每年)?(?:的)?{_DATE}{_TO}(?:次年|来年|翌年|第二年)?的?{_DATE}"),
    ("season", rf"(?:每年)?(?:1[0-2]|0?[1-9]){_TO}(?:次年|来年|翌年|第二年)?(?:1[0-2]|0?[1-9])月份?(?!\d)"),
    (
        "season",
        r"(?:1[0-2]|0?[1-9])\.(?:[12]\d|3[01]|0?[1-9])(?!\d|:)"
        + _TO
        + r"(?:次年|来年|翌年)?(?:1[0-2]|0?[1-9])\.(?:[12]\d|3[01]|0?[1-9])(?!\d|:)",
    ),
    ("season", rf"(?:每年)?{_DATE}"),
    ("span", rf"{_TIME}\s*(?:-|至|到)+\s*{_TIME}"),
    ("span", rf"{_PERIOD}?\s*\d{{1,2}}{_TO}(?:{_NEXT})?{_PERIOD}?\s*\d{{1,2}}[点时](?![\d半])"),
    (
        "season_name",
        r"(?:春秋|夏秋|冬春|春夏|秋冬|春|夏|秋|冬)(?:季|令时?|时制|天)(?:作息)?(?:时间)?|高温(?:季节?|期间?|天气)|供暖[季期]|暑[期假](?:期?间)?|寒假(?:期间)?",
    ),
    ("other_months", r"其[余他它]月份?|其[余他它]季节"),
    ("other_times", r"其[余他它](?:时间段?|时段|时候|日期|日子)?"),
    ("days", _FESTIVAL),
    ("days", rf"(?:每|逢)?{_WEEK}(?:{_W}|[1-7](?!\d|:)){_TO}{_WEEK}?(?:{_W}|[1-7](?!\d|:|点|时|\.))"),
    ("days", rf"(?:每|逢)?{_WEEK}(?:末|{_W}+(?:\s*、\s*{_W}(?![月点时号]))*|[1-7](?!\d|:))"),
    ("days", rf"{_HOLIDAY}|非工作日|(?:法定)?工作日|上班日|双休日|节假日|休息日|每天|每日|天天"),
    ("excluded", r"除外|(?:以|之)?外(?!部|面)"),
    ("except", r"除去?了?(?!外)"),
    ("noise", r"(?:中午|午间)(?:不(?:休息?|关门|打烊|闭馆)|无休)|无午休"),
    ("noise", r"(?:需|凭)?(?:扫码|刷脸|刷卡|人脸识别)(?:进入|开门|入内|进门)?|智能门禁|无人值守|自助"),
    ("lunch", r"(?:中?午|午间)休(?:息)?(?:时间)?"),
    ("as_usual", r"(?:正常|照常|照旧)(?:开放|营业|服务)?|(?:均|都)(?:开放|营业)|不(?:休息?|打烊|闭馆|关门)|无休"),
    (
        "closed",
        r"(?:暂停|停止|不)(?:对外)?(?:开放|营业|服务|办公)|暂停|停业|停开|放假|公休|(?:全天)?(?:休息|闭馆|关闭|关门|歇业|休馆|闭园)|(?<=[一二三四五六日天末])休(?!息)",
    ),
    (
        "noise",
        r"(?:对外)?(?:开放|营业|服务|办公|工作|运营|值班|接待|开门)(?:时间段?|时段)|(?:对外|正常|免费)?(?:开放|营业|服务|办公|运营|开门)|时间段?|时段|全年|常年|一年四季|365天|北京时间|分别|日期|为|是|均|都|期间",
    ),
    ("(", r"[(\[【「]"),
    (")", r"[)\]】」]"),
    ("join", r"[、和及与&+]|以及"),
    ("break", r"[,;:。/|\n!]"),
    ("noise", r"\s+"),
)
_PATTERNS: Final = tuple((kind, re.compile(pattern)) for kind, pattern in _TABLE)


_M, _D = r"1[0-2]|0?[1-9]", r"[12]\d|3[01]|0?[1-9]"
_HALF = r"(?:[点时](?P<{}>半)?)?"
# 早8晚6, 朝九晚五: hours that can be meant in one way only
_EARLY_LATE: Final = re.compile(
    r"(?<![最更较])[早朝]上?(?P<from>[4-9]|1[01]|十一?|[四五六七八九])" + _HALF.format("half")
    + r"\s*[-至到、]?\s*晚上?(?P<to>[5-9]|1[0-2]|十[一二]?|[五六七八九])" + _HALF.format("half_to")
    + r"(?![\d:.点时分刻一二三四五六七八九十半])"
)  # fmt: skip
# 0830-1730
_COMPACT: Final = re.compile(
    rf"(?<![\d.:年月])({_PERIOD}?)\s*(\d{{3,4}})\s*[-至到]\s*({_PERIOD}?)\s*(\d{{4}})(?![\d.:年月日点时])"
)


def _compact(text: str) -> str:
    """Write ``0830-1730`` as ``08:30-17:30``; digits that may be dates or years as well are refused.

    What stands in one list with such a time (``0830-1130、1330-1730``) is a time, too.
    """
    out, at, runs = "", 0, list[list[re.Match[str]]]()
    for match in _COMPACT.finditer(text):
        if runs and re.fullmatch(r"\s*[、和及与/]\s*", text[runs[-1][-1].end() : match.start()]):
            runs[-1].append(match)
        else:
            runs.append([match])
    for run in runs:
        if not any(match[1] or match[3] or _only_times(match[2], match[4]) for match in run):
            said = run[0][0]
            raise NotChinese(f"{said!r} may be dates or times", f"“{said}”可能是日期，也可能是时间")
        for match in run:
            first, last = (f"{digits[:-2]}:{digits[-2:]}" for digits in (match[2], match[4]))
            out, at = f"{out}{text[at : match.start()]}{match[1]}{first}-{match[3]}{last}", match.end()
    return out + text[at:]


def _only_times(first: str, last: str) -> bool:
    """Tell whether two groups of digits are no pair of dates and no pair of years."""
    pair = [(int(digits[:-2]), int(digits[-2:])) for digits in (first, last)]
    dates = all(1 <= month <= 12 and 1 <= day <= last_day(0, month) for month, day in pair)
    years = all(1990 <= int(digits) <= 2060 for digits in (first, last))
    return not dates and not years


def _early_late(match: re.Match[str]) -> str:
    def hour(text: str) -> int:
        return int(text) if text.isdigit() else 10 + _DIGITS.get(text[1:], 0) if text[0] == "十" else _DIGITS[text]

    start, end = f"{hour(match['from'])}:{'30' if match['half'] else '00'}", f"{hour(match['to'])}"
    return f"早{start}-晚{end}:{'30' if match['half_to'] else '00'}"


def _number(match: re.Match[str]) -> str:
    text = match[0]
    if "十" not in text:
        return "".join(str(_DIGITS[c]) for c in text)
    tens, _, ones = text.partition("十")
    return str(10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0))


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("∶", ":").replace("︰", ":")).lower()
    text = re.sub(r"[—–−‐‑─━〜~⁓ー]+", "-", text)
    text = re.sub(r"-{2,}", "-", text)
    numeral = "[一二两三四五六七八九十〇零]{1,3}"
    text = _EARLY_LATE.sub(_early_late, text)
    text = re.sub(rf"(20\d\d)([./-])({_M})\2({_D})(?![\d:])", r"\1年\3月\4日", text)
    text = re.sub(rf"(?<=日)({_TO})({_M})([./-])({_D})(?![\d:.])", r"\1\2月\4日", text)
    return re.sub(rf"(?<![周期拜]){numeral}(?=[点时月]|个?小时)|(?<=月){numeral}(?=[日号])", _number, text)


def words(text: str) -> list[Word]:
    """Cut a text into words.

    Parameters
    ----------
    text : str
        Register text; full-width signs, all kinds of dashes and Chinese numerals before 点 or 月 are understood.

    Returns
    -------
    list of Word
        In the order of the text, without the words that carry no meaning.

    Raises
    ------
    NotChinese
        When a part of the text is not in the vocabulary, or a time cannot be read in one way only.
    """
    text, at = _compact(_plain(text)).strip().rstrip("."), 0
    found: list[Word] = []
    while at < len(text):
        for kind, pattern in _PATTERNS:
            match = pattern.match(text, at)
            if match is None:
                continue
            if kind == "season" and "." in match[0] and _is_span(match[0], text, at):
                continue
            if kind != "noise":
                found.append(_word(kind, match[0]))
            at = match.end()
            break
        else:
            left = text[at : at + 12]
            raise NotChinese(f"{left!r} is not understood", f"“{left}”看不懂")
    return found


def _word(kind: Kind, text: str) -> Word:
    if kind == "season":
        return Word(kind, text, season=_season(text))
    if kind == "span":
        return Word(kind, text, span=_span(text))
    if kind == "days":
        return Word(kind, text, days=_days(text), loose=text == "节假日")
    return Word(kind, text)


def _is_span(text: str, whole: str, at: int) -> bool:
    """Decide whether ``8.30-17.30`` is a span of time; a text that could be dates as well is refused."""
    parts = [part.split(".") for part in re.findall(r"\d{1,2}\.\d{1,2}", text)]
    # longer digits than the date pattern took (17.30 → 1.7) mean that it is no date at all
    whole_parts = [part.split(".") for part in re.findall(r"\d{1,2}\.\d{1,2}", whole[at : at + len(text) + 3])][:2]
    could_be_time = all(len(b) == 2 and int(a) <= 24 and int(b) < 60 for a, b in whole_parts)
    could_be_date = parts == whole_parts and all(
        1 <= int(a) <= 12 and 1 <= int(b) <= _LAST_DAY[int(a) - 1] for a, b in parts
    )
    if could_be_time and could_be_date:
        raise NotChinese(f"{text!r} may be dates or times", f"“{text}”可能是日期，也可能是时间")
    return could_be_time


def _season(text: str) -> Season:
    ends = [part for part in re.split(r"-|至|到", re.sub(r"每年|次年|来年|翌年|第二年|的|份", "", text)) if part]
    first, last = _date(ends[0]), _date(ends[-1])
    (year, month, day), (end_year, end_month, end_day) = first, last
    end_month = end_month or month  # 2月10日至20日
    end_year = end_year or year
    if len(ends) == 1:
        start, end = (month, day or 1), (month, day or last_day(year, month))
    else:
        start, end = (month, day or 1), (end_month, end_day or last_day(end_year, end_month))
    try:
        check_day(year, *start)
        check_day(end_year, *end)
    except NotOsm as error:
        raise NotChinese(str(error), f"“{text}”中没有这一天") from error
    if (year and (end_year, *end) < (year, *start)) or (not last[1] and end < start):
        raise NotChinese(f"{text!r} ends before it starts", f"“{text}”结束早于开始，无法确定")
    return Season(start, end, (year, end_year) if year else None)


def _date(text: str) -> tuple[int, int, int]:
    """Return year, month and day of a date as written; 0 for each that is not named."""
    year = re.match(r"\s*(20\d\d)年", text)
    rest = text[year.end() :] if year else text
    numbers = [int(number) for number in re.findall(r"\d+", rest)]
    if len(numbers) == 1 and re.search(r"[日号]", rest):
        return int(year[1]) if year else 0, 0, numbers[0]
    return int(year[1]) if year else 0, numbers[0], numbers[1] if len(numbers) > 1 else 0


def _days(text: str) -> Days:
    if "法定" in text and "工作日" not in text:
        return Days(kinds=frozenset({"holiday"}))
    if text == "节假日":
        return Days(kinds=frozenset({"holiday"}))
    if text in ("非工作日", "休息日"):
        return Days(kinds=frozenset({"restday"}))
    if "工作日" in text or text == "上班日":
        return Days(kinds=frozenset({"workday"}))
    if text == "双休日" or text.endswith("末"):
        return Days(weekdays=frozenset({5, 6}))
    if text in ("每天", "每日", "天天"):
        return EVERY_DAY
    festival = next((kind for kind, word in _FESTIVALS.items() if re.match(word, text)), None)
    if festival is not None:
        return Days(kinds=frozenset({festival}))
    marks = [_WEEKDAYS[c] for c in text if c in _WEEKDAYS]
    if re.search(r"-|至|到", text):
        first, last = marks
        return Days(weekdays=frozenset((first + i) % 7 for i in range((last - first) % 7 + 1)))
    return Days(weekdays=frozenset(marks))


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time as written: its part of the day, hour and minute, and whether the next day is named."""

    period: str
    hour: int
    minute: int
    next_day: bool
    padded: bool

    @property
    def minutes(self) -> int:
        """Minutes after midnight, with the part of the day applied to a 12-hour hour."""
        hour = self.hour
        if (
            (self.period in ("下午", "午后", "傍晚") and hour < 12)
            or (self.period in ("晚上", "晚间", "夜间", "夜里", "晚", "夜") and 5 <= hour <= 12)
            or (self.period == "中午" and hour <= 3)
        ):
            hour += 12
        elif self.period == "凌晨" and hour == 12:
            hour = 0
        return 60 * hour + self.minute


def _clock(text: str) -> _Clock:
    period = re.search(_PERIOD, re.sub(_NEXT, "", text))
    numbers = re.findall(r"\d+", text)
    minute = int(numbers[1]) if len(numbers) > 1 else 30 if "半" in text else 0
    minute = 15 if "一刻" in text else 45 if "三刻" in text else minute
    hour = int(numbers[0])
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise NotChinese(f"there is no time {text!r}", f"没有“{text}”这个时间")
    return _Clock(period[0] if period else "", hour, minute, bool(re.search(_NEXT, text)), numbers[0].startswith("0"))


def _span(text: str) -> Span:
    first, last = (_clock(part) for part in re.split(r"(?:-|至|到)+", text, maxsplit=1))
    start, end = first.minutes, last.minutes
    if end <= start and not last.period and not last.next_day and first.period:
        inherited = _Clock(first.period, last.hour, last.minute, last.next_day, last.padded).minutes
        end = inherited if inherited > start else end
    if last.next_day:
        end += 1440 if end < 1440 else 0
    elif end <= start and start < 720 and not last.period and not last.padded and last.hour:
        # 9:00-5:00 may be five in the afternoon or a place that is open through the night
        raise NotChinese(f"{text!r} ends before it starts", f"“{text}”结束早于开始，无法确定")
    try:
        return span(start, end)
    except NotOsm as error:
        raise NotChinese(str(error), f"“{text}”的时间无法读出") from error
