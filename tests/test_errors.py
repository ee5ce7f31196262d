"""An error tells where, what and what to do, in both languages."""

from __future__ import annotations

import pytest

from geoplan.errors import Fault, FaultLog, InputError


def test_sentence_names_file_row_field_and_remedy():
    fault = Fault("'x' is not a number", "give degrees", "a.csv", 7, "lon", "“x”不是数字", "请填写度数")
    assert fault.sentence() == "a.csv, row 7, field 'lon': 'x' is not a number; give degrees."
    assert fault.sentence("zh") == "a.csv，第 7 行，字段“lon”：“x”不是数字；请填写度数。"


def test_all_faults_are_raised_once():
    log = FaultLog("b.csv")
    log.raise_if_any()
    for row in range(2, 32):
        log.add("is wrong", row=row)
    with pytest.raises(InputError) as caught:
        log.raise_if_any()
    assert len(caught.value.faults) == 30
    assert str(caught.value).splitlines()[-1] == "… and 10 more."
    assert caught.value.message("zh").splitlines()[-1] == "… 另有 10 处。"


def test_plain_text_error():
    assert str(InputError("no sites at all.")) == "no sites at all."
