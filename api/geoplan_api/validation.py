"""What does not fit a question's form, as faults in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic_core import ErrorDetails

from geoplan.errors import Fault

__all__ = ["fault_of"]

# Kinds of fault as pydantic names them; the words in braces are what it says about the bound that was missed.
_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "没有填写",
        "extra_forbidden": "没有这个参数",
        "greater_than": "应大于 {gt}",
        "greater_than_equal": "不能小于 {ge}",
        "less_than": "应小于 {lt}",
        "less_than_equal": "不能大于 {le}",
        "literal_error": "应为 {expected} 之一",
        "int_parsing": "应为整数",
        "int_type": "应为整数",
        "int_from_float": "应为整数",
        "float_parsing": "应为数字",
        "float_type": "应为数字",
        "finite_number": "应为数字",
        "bool_parsing": "应为是或否",
        "bool_type": "应为是或否",
        "string_type": "应为文字",
        "string_too_long": "不能超过 {max_length} 个字",
        "string_too_short": "不能少于 {min_length} 个字",
        "too_long": "不能超过 {max_length} 项",
        "too_short": "不能少于 {min_length} 项",
        "list_type": "应为列表",
        "dict_type": "应为成对的名称和值",
        "datetime_parsing": "应为时刻，如 2026-11-20T12:30，或 now",
        "datetime_from_date_parsing": "应为时刻，如 2026-11-20T12:30，或 now",
        "datetime_type": "应为时刻，如 2026-11-20T12:30，或 now",
        "date_parsing": "应为日期，如 2026-11-20",
        "date_from_datetime_parsing": "应为日期，如 2026-11-20",
        "json_invalid": "内容读不出来",
    }
)


def fault_of(item: ErrorDetails | Mapping[str, Any], *before: str) -> Fault:
    """Return one of pydantic's errors as a fault.

    Parameters
    ----------
    item : mapping
        One of ``ValidationError.errors()``.
    *before : str
        Where the model stands in the request, before the error's own place.
    """
    about = {name: value for name, value in item.get("ctx", {}).items() if name != "error"}
    if item["type"] == "literal_error":
        about["expected"] = str(about["expected"]).replace("'", "").replace(" or ", "、").replace(", ", "、")
    text_zh = _ZH.get(item["type"], "填写有误").format(**about)
    place = ".".join([*before, *(str(part) for part in item["loc"])])
    return Fault(item["msg"], field=place, problem_zh=text_zh)
