"""Fault specifications, their counters, and the hooks a partner's app asks."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from connectors.sandbox.fault_kinds import COMMON, OPTIONS
from connectors.sandbox.faults import Fault, FaultKind, Faults, active, rejects, rewrite


def request(faults: Faults, path: str = "/v1/tenants/1", method: str = "PUT") -> Request:
    """A request as the frame hands it to partner "p"."""
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "sandbox.faults": faults,
            "sandbox.partner": "p",
        }
    )


def test_a_spec_is_read_with_typed_values() -> None:
    fault = Fault.parse("bots4you:429,retry_after=2,after=10,count=3,path=/v1/*,method=put")
    assert fault == Fault("bots4you", FaultKind.LIMITED, "/v1/*", "PUT", 10, 3, {"retry_after": 2.0})


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", ["PARTNER:KIND"]),
        ("429", ["PARTNER:KIND"]),
        (":429", ["partner"]),
        ("erp:418", ["erp:418", "unknown kind", "429", "cut-after", "reject"]),
        ("erp:429,retry=2", ["'retry'", "retry_after", "path", "count"]),
        ("erp:429,retry_after=soon", ["retry_after", "soon", "seconds"]),
        ("erp:429,retry_after=inf", ["retry_after", "seconds"]),
        ("erp:429,retry_after=-1", ["retry_after", "seconds"]),
        ("erp:500,count=0", ["count", "from 1"]),
        ("erp:500,after", ["'after'", "KEY=VALUE"]),
        ("erp:500,after=1,after=2", ["'after'", "twice"]),
        ("erp:cut,delay=1", ["unknown key 'delay'"]),
        ("erp:rate", ["per_second", "missing"]),
        ("erp:rate,per_second=0", ["per_second", "above 0"]),
        ("erp:rewrite,field=phone", ["value", "missing"]),
        ("erp:reject", ["id", "missing"]),
        ("erp:html,status=204", ["status", "200 to 599"]),
        ("erp:malformed,processed=perhaps", ["processed", "yes or no"]),
    ],
)
def test_a_wrong_spec_is_refused_with_what_is_wrong_and_what_is_allowed(spec: str, words: list[str]) -> None:
    with pytest.raises(ValueError, match="fault") as error:
        Fault.parse(spec)
    assert [word for word in words if word not in str(error.value)] == []


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_kind_survives_its_json_form(kind: FaultKind) -> None:
    needed = {
        FaultKind.RATE: ",per_second=2.5,burst=3",
        FaultKind.REWRITE: ",field=phone,value=0",
        FaultKind.REJECT: ",id=A*",
    }
    fault = Fault.parse(f"erp:{kind},after=1,path=/x" + needed.get(kind, ""))
    assert Fault.from_json(json.loads(json.dumps(fault.to_json()))) == fault


def test_the_json_form_takes_numbers_where_the_spec_has_text() -> None:
    assert Fault.from_json({"partner": "erp", "kind": 429, "retry_after": 700}) == Fault.parse(
        "erp:429,retry_after=700"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(sorted({*COMMON, *(key for options in OPTIONS.values() for key in options)}))


@given(
    st.one_of(
        JSON,
        st.builds(
            lambda kind, options: {"partner": "erp", "kind": kind, **options},
            st.sampled_from(list(FaultKind)) | JSON,
            st.dictionaries(KEYS, JSON, max_size=4),
        ),
    )
)
def test_any_json_is_a_fault_or_a_value_error(data: object) -> None:
    fault = None
    with contextlib.suppress(ValueError):
        fault = Fault.from_json(data)
    assert fault is None or Fault.from_json(fault.to_json()) == fault


@given(st.text() | st.builds("erp:{},{}={}".format, st.sampled_from(list(FaultKind)), KEYS, st.text()))
def test_any_text_is_a_spec_or_a_value_error(spec: str) -> None:
    with contextlib.suppress(ValueError):
        assert spec.lstrip().startswith(Fault.parse(spec).partner)


def shown(faults: Faults, requests: int, path: str = "/a", method: str = "GET") -> list[str | None]:
    """What ``requests`` equal requests at partner "p" meet."""
    hits = (faults.match("p", method, path) for _ in range(requests))
    return [hit.kind.value if hit else None for hit in hits]


def test_a_fault_skips_after_and_then_shows_count_times() -> None:
    assert shown(Faults([Fault.parse("p:401,after=2,count=2")]), 6) == [None, None, "401", "401", None, None]


def test_without_count_a_fault_stays_until_it_is_removed() -> None:
    faults = Faults()
    key = faults.add(Fault.parse("p:500"))
    assert shown(faults, 3) == ["500"] * 3
    faults.remove(key)
    assert shown(faults, 1) == [None]
    with pytest.raises(KeyError):
        faults.remove(key)


def test_only_matching_partner_method_and_path_are_met_and_counted() -> None:
    faults = Faults([Fault.parse("p:403,path=/v1/tenants/*,method=P*,after=1")])
    assert shown(faults, 2, "/v1/tenants/1", "GET") == [None, None]
    assert shown(faults, 2, "/v1/units/1", "PUT") == [None, None]
    assert faults.match("q", "PUT", "/v1/tenants/1") is None
    assert shown(faults, 2, "/v1/tenants/1", "PUT") == [None, "403"]


def test_a_path_glob_matches_the_raw_and_the_decoded_path() -> None:
    assert shown(Faults([Fault.parse("p:500,path=/t/1%2F2")]), 1, "/t/1%2F2") == ["500"]
    assert shown(Faults([Fault.parse("p:500,path=/t/1/2")]), 1, "/t/1%2F2") == ["500"]


def test_the_first_due_fault_answers_and_the_others_still_count_the_request() -> None:
    faults = Faults([Fault.parse("p:500,count=1"), Fault.parse("p:503,after=1,count=1")])
    assert shown(faults, 3) == ["500", "503", None]


def test_a_fault_that_another_one_hid_is_not_used_up() -> None:
    assert shown(Faults([Fault.parse("p:500,count=1"), Fault.parse("p:503,count=1")]), 3) == [
        "500",
        "503",
        None,
    ]


def test_hook_kinds_never_answer_in_the_partners_place() -> None:
    specs = ["p:reject,id=*", "p:rate,per_second=1", "p:rewrite,field=a,value=b"]
    assert shown(Faults([Fault.parse(spec) for spec in specs]), 2) == [None, None]


def test_a_fault_at_a_partner_that_is_not_served_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown partner.*erp, p"):
        Faults([Fault.parse("q:500")], ["erp", "p"])


def test_rewrite_changes_named_fields_that_are_there() -> None:
    asked = request(Faults([Fault.parse("p:rewrite,field=phone,value=0")]))
    assert rewrite(asked, {"name": "N", "phone": "1"}) == {"name": "N", "phone": "0"}
    assert rewrite(asked, {"name": "N"}) == {"name": "N"}


def test_rejects_counts_matching_ids_and_not_questions() -> None:
    faults = Faults([Fault.parse("p:reject,id=A*,count=1")])
    bulk = request(faults)
    assert [rejects(bulk, id_) for id_ in ("B1", "A1", "A1", "A2")] == [False, True, True, False]
    assert not rejects(request(faults), "A3")


def test_active_counts_a_request_once_however_often_it_is_asked() -> None:
    faults = Faults([Fault.parse("p:rewrite,field=a,value=b,count=1")])
    first = request(faults)
    assert [len(active(FaultKind.REWRITE, first)) for _ in range(3)] == [1, 1, 1]
    assert active(FaultKind.REWRITE, request(faults)) == ()


def test_outside_the_frame_no_hook_is_active() -> None:
    bare = Request({"type": "http", "method": "PUT", "path": "/", "headers": [], "query_string": b""})
    assert active(FaultKind.REWRITE, bare) == ()
    assert not rejects(bare, "1")
