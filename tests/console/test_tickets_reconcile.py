"""What the comparison of one ticket promises, whatever both sides hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.housing import CategoryKind
from connectors.ticketing import LARGEST_FILE
from connectors.tickets import Author, Comment, Ticket, TicketFile
from console.tickets.ops import (
    Claim,
    CommentErp,
    CommentPartner,
    CreateErp,
    Item,
    ItemKey,
    ItemKind,
    Known,
    LinkFile,
    Note,
    Op,
    Park,
    ReportDamage,
    SetErpCategory,
    SetPartnerStatus,
    Stand,
    StoreFile,
    Terms,
)
from console.tickets.origin import Origin
from console.tickets.reconcile import differences, reconcile
from console.tickets.versions import same_text
from tests.console.tickets_kit import FULL, SETTINGS, SLIM
from tests.console.tickets_sides_kit import CATALOGUE

TERMS = Terms(
    Origin("portal", "practice"), FULL, replace(SETTINGS, damage_report=True), frozenset({"90", "95"})
)
START = datetime(2026, 3, 2, tzinfo=UTC)

texts = st.sampled_from(["Hallo", "Hallo ", "Und?", "Danke", "  "])
authors = st.sampled_from(Author)


def comments(prefix: str) -> st.SearchStrategy[tuple[Comment, ...]]:
    one = st.tuples(authors, texts, st.integers(0, 5), st.booleans())
    return st.lists(one, max_size=5).map(
        lambda found: tuple(
            Comment(f"{prefix}{n}", author, START + timedelta(minutes=at), text, "Eva", seen)
            for n, (author, text, at, seen) in enumerate(found)
        )
    )


files = st.lists(st.tuples(st.sampled_from(["", "aa", "bb"]), st.integers(0, 2)), max_size=3).map(
    lambda found: tuple(
        TicketFile(f"f{n}", f"{n}.jpg", LARGEST_FILE * large, md5) for n, (md5, large) in enumerate(found)
    )
)
partners = st.builds(
    Ticket,
    id=st.just("p1"),
    number=st.just("p1"),
    created_at=st.just(START),
    changed_at=st.just(START),
    status=st.sampled_from(["open", "waiting", "closed", "withdrawn"]),
    category=st.sampled_from(["HEIZ", "WASSER"]),
    kind=st.sampled_from(CategoryKind),
    contract=st.sampled_from(["0815", ""]),
    mandant=st.sampled_from(["10", "99", ""]),
    from_api=st.booleans(),
    comments=comments("c"),
    files=files,
)
erps = st.builds(
    Ticket,
    id=st.just("e1"),
    number=st.just("A-1"),
    created_at=st.just(START),
    changed_at=st.just(START),
    status=st.sampled_from([status.code for status in CATALOGUE]),
    category=st.sampled_from(["HEIZ", "WASSER", "SONST", ""]),
    comments=comments("k"),
)
knowns = st.builds(
    Known,
    ticket=st.just("p1"),
    erp_status=st.sampled_from(["", "10", "90"]),
    category=st.sampled_from(["", "HEIZ"]),
    merged=st.booleans(),
)


def applied(known: Known, partner: Ticket, erp: Ticket | None, op: Op) -> tuple[Known, Ticket, Ticket | None]:
    """Both sides and what is known after an op, by the plainest reading of what it means."""

    def keep(item: Item) -> Known:
        items: dict[ItemKey, Item] = {**known.items, item.key: item}
        return replace(known, items=items)

    match op:
        case CreateErp(draft):
            made = Ticket("e1", "A-1", START, START, "10", reference=draft.reference, from_api=True)
            return replace(known, erp="e1"), partner, made
        case Park(reason, None):
            return replace(known, stand=Stand.PARKED, reason=reason), partner, erp
        case Park(reason, item) if item:
            return keep(Item(*item, reason=reason)), partner, erp
        case Claim(item):
            return keep(item), partner, erp
        case SetPartnerStatus(status, erp_status):
            return replace(known, erp_status=erp_status), replace(partner, status=status), erp
        case StoreFile(file):
            return keep(Item(ItemKind.FILE, file.id, f"d-{file.id}")), partner, erp
        case CommentPartner(comment):
            id_ = f"n{len(partner.comments)}"
            written = replace(comment, id=id_, author=Author.API)
            now = replace(partner, comments=(*partner.comments, written))
            return keep(Item(ItemKind.COMMENT_TO_PARTNER, comment.id, id_)), now, erp
        case Note():
            return known, partner, erp
    assert erp is not None
    return in_the_erp(known, partner, erp, op)


def in_the_erp(known: Known, partner: Ticket, erp: Ticket, op: Op) -> tuple[Known, Ticket, Ticket]:
    """The same for what is written there."""

    def keep(item: Item) -> Known:
        items: dict[ItemKey, Item] = {**known.items, item.key: item}
        return replace(known, items=items)

    match op:
        case SetErpCategory(category):
            return replace(known, category=category), partner, replace(erp, category=category)
        case LinkFile(file):
            document = known.target(ItemKind.FILE, file.id)
            shown = replace(file, id=document)
            return (
                keep(Item(ItemKind.LINK, file.id, document)),
                partner,
                replace(erp, files=(*erp.files, shown)),
            )
        case ReportDamage():
            return known, partner, replace(erp, damage_report="S-1")
        case CommentErp(comment):
            id_ = f"m{len(erp.comments)}"
            written = replace(comment, id=id_, author=Author.API)
            now = replace(erp, comments=(*erp.comments, written))
            return keep(Item(ItemKind.COMMENT_TO_ERP, comment.id, id_)), partner, now
    raise AssertionError(op)


def settle(
    known: Known, partner: Ticket, erp: Ticket | None
) -> tuple[Known, Ticket, Ticket | None, list[Op]]:
    """Apply what comes out, as often as the engine does, and say what is left then."""
    for _ in range(4):
        ops = reconcile(known, partner, erp, TERMS)
        if not [op for op in ops if not isinstance(op, Note)]:
            break
        for op in ops:
            known, partner, erp = applied(known, partner, erp, op)
    left: list[Op] = [op for op in reconcile(known, partner, erp, TERMS) if not isinstance(op, Note)]
    return known, partner, erp, left


@given(knowns, partners, st.none() | erps)
def test_applying_and_comparing_again_gives_nothing(
    known: Known, partner: Ticket, erp: Ticket | None
) -> None:
    assert settle(replace(known, erp="e1" if erp else ""), partner, erp)[3] == []


@given(knowns, partners, st.none() | erps)
def test_what_an_integration_wrote_never_goes_anywhere(
    known: Known, partner: Ticket, erp: Ticket | None
) -> None:
    known = replace(known, erp="e1" if erp else "")
    for op in reconcile(known, partner, erp, TERMS):
        if isinstance(op, CommentErp | CommentPartner):
            assert op.comment.author is not Author.API
            assert op.comment.visible or isinstance(op, CommentErp)


@given(knowns, partners, erps)
def test_each_comment_arrives_once_and_in_order(known: Known, partner: Ticket, erp: Ticket) -> None:
    after, here, there, _left = settle(replace(known, erp="e1"), partner, erp)
    assert there is not None
    sent = sorted(
        (c for c in partner.comments if c.author is not Author.API and c.text.strip()), key=lambda c: c.at
    )
    targets = [after.target(ItemKind.COMMENT_TO_ERP, comment.id) for comment in sent]
    assert len(set(targets)) == len(targets)
    written = {c.id: c for c in there.comments}
    assert all(same_text(written[t].text, c.text) for t, c in zip(targets, sent, strict=True))
    new = [t for t in targets if t.startswith("m")]
    assert new == [c.id for c in there.comments if c.id in new]
    if after.merged:  # words for another tenant stay where they are
        assert here.comments == partner.comments


@given(knowns, partners, erps)
def test_a_program_that_forgot_everything_sends_nothing_twice(
    known: Known, partner: Ticket, erp: Ticket
) -> None:
    known = replace(known, erp="e1", merged=False)
    _after, here, there, _left = settle(known, partner, erp)
    anew = reconcile(Known("p1", "e1", category=there.category if there else ""), here, there, TERMS)
    assert not [op for op in anew if isinstance(op, CommentErp | CommentPartner | CreateErp)]


@given(partners, erps)
def test_of_a_slim_partner_only_tickets_and_states_cross(partner: Ticket, erp: Ticket) -> None:
    terms = Terms(Origin("portal", "practice"), SLIM, SETTINGS)
    ops = reconcile(Known("p1", "e1"), partner, erp, terms)
    assert all(isinstance(op, SetErpCategory | SetPartnerStatus | Park | Note) for op in ops)


@given(knowns, partners, erps, st.sampled_from([Stand.PARKED, Stand.GONE]))
def test_a_ticket_that_is_held_back_or_gone_is_left_alone(
    known: Known, partner: Ticket, erp: Ticket, stand: Stand
) -> None:
    assert reconcile(replace(known, erp="e1", stand=stand), partner, erp, TERMS) == []


@given(partners)
def test_a_file_is_filed_before_it_is_linked(partner: Ticket) -> None:
    ops = reconcile(Known("p1"), partner, None, TERMS)
    for place, op in enumerate(ops):
        if isinstance(op, LinkFile):
            assert StoreFile(op.file) in ops[:place]
        if isinstance(op, StoreFile):
            assert op.file.size <= LARGEST_FILE


def test_a_comment_that_stands_there_twice_or_otherwise_is_a_difference() -> None:
    comment = Comment("c1", Author.TENANT, START, "Hallo")
    written = replace(comment, id="k1", author=Author.API)
    partner = Ticket("p1", "p1", START, START, "open", comments=(comment,))
    erp = Ticket("e1", "e1", START, START, "10", comments=(written,))
    touched = [Item(ItemKind.COMMENT_TO_ERP, "c1", "k1")]
    assert differences(partner, erp, touched) == []
    for wrong in ((), (written, written), (replace(written, text="Hal"),)):
        ((item, why),) = differences(partner, replace(erp, comments=wrong), touched)
        assert (item, why.code) == (touched[0], "tickets.verify_differs")
