"""One suite for every search engine: what the core asks of it (spec: search, 12)."""

from __future__ import annotations

import gc
import random
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from wiki.errors import IndexUnusable
from wiki.search import analysis
from wiki.search.base import (
    And,
    Document,
    Engine,
    Filter,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Remove,
    Upsert,
    Word,
)
from wiki.search.engines import make_engine
from wiki.search.query import parse

MARK = "made for tests"
ENGINES = ("memory", "whoosh")
PUBLIC = frozenset({"public"})

Make = Callable[[], Engine]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(request.param)
    made.open(tmp_path, MARK)
    yield made
    made.close()


def doc(id: int, title: str = "", body: str = "", **more: object) -> Document:
    base = Document(id, id, f"page-{id}", title or f"Page {id}", body, updated=id)
    return replace(base, **more)  # type: ignore[arg-type]


def fill(engine: Engine, *documents: Document) -> None:
    seq = max(document.seq for document in documents)
    engine.apply([Upsert(document) for document in documents], seq)


def found(engine: Engine, query: Node | str, **options: object) -> list[int]:
    with engine.snapshot() as snapshot:
        node = _node(query)
        hits = snapshot.search(node, limit=1000, **options)  # type: ignore[arg-type]
        total = snapshot.count(node, **options)  # type: ignore[arg-type]
    assert total == len(hits)
    return [hit.id for hit in hits]


def _node(query: Node | str) -> Node:
    if not isinstance(query, str):
        return query
    node = parse(query).node
    assert node is not None
    return node


# -- operators

TENANTS = (
    doc(1, "Tenant union", "How to found a tenant union in a big tent."),
    doc(2, "Rent strike", "Rent is too high. A tenant may strike with a lease."),
    doc(3, "Landlord", "The landlord holds the lease. The tent is big."),
    doc(4, "Organizing", "Organizers organize organized unions; co-op as well."),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tenant union", {1}),
        ("union tenant", {1}),
        ('"tenant union"', {1}),
        ('"union tenant"', set()),
        ('"big tent"', {1}),
        ('"tent is big"', {3}),
        ("rent OR lease", {2, 3}),
        ("rent OR lease tenant", {2}),
        ("tenant rent OR lease", {2}),
        ("tenant OR landlord -rent", {1, 3}),
        ('lease -"holds the lease"', {2}),
        ("organiz*", {4}),
        ("ten*", {1, 2, 3}),
        ("union*", {1, 4}),
        ("co-op", {4}),
        ("tent -big", set()),
        ("the is big", {3}),
        ("nothing", set()),
        ("nothing OR tent", {1, 3}),
        ("-nothing tent", {1, 3}),
        ('"nothing here"', set()),
        ("TENANT Unión", {1}),
    ],
)
def test_operators(engine: Engine, query: str, expected: set[int]) -> None:
    fill(engine, *TENANTS)
    assert set(found(engine, query)) == expected


def test_a_phrase_does_not_go_from_the_title_into_the_body(engine: Engine) -> None:
    fill(
        engine,
        doc(1, "Tenant", "Union rules.", headings=("Rent",), aliases=("Renter",)),
        doc(2, "Tenant union"),
    )
    assert found(engine, '"tenant union"') == [2]
    assert found(engine, '"tenant renter"') == []
    assert found(engine, '"rent union"') == []
    assert found(engine, "tenant renter rent union rules") == [1]


def test_an_empty_engine_answers(engine: Engine) -> None:
    assert found(engine, "tenant") == []
    with engine.snapshot() as snapshot:
        assert snapshot.facets(Word("tenant"), ["tags"]) == {"tags": {}}
        assert snapshot.df(["tenant", "ten*"]) == {"tenant": (0,), "ten*": (0,)}
        assert snapshot.terms("ten", 5) == []
        assert snapshot.near("tenant", 1, 5) == []
        assert snapshot.titles(["ten"], limit=5) == []
        assert snapshot.documents([1]) == {}
        assert snapshot.totals().pages == 0
    assert engine.health()[0] == "ok"


def test_a_page_without_words_can_be_listed(engine: Engine) -> None:
    fill(engine, doc(1, "…", "", tags=("x",)))
    assert found(engine, "tag:x") == [1]


# -- scripts

SCRIPTS = [
    ("Coalición de inquilinos", "coalicion", "coalición"),
    ("Straße nach Łódź", "STRASSE", "lodz"),
    ("Ένωση ενοικιαστών", "ενωση", "ΕΝΩΣΗ"),
    ("Профсоюз жильцов", "профсоюз", "ПРОФСОЮЗ"),
    ("איגוד הדיירים", "איגוד", "הדיירים"),
    ("التحالف من أجل السكن", "تحالف", "اجل"),
    ("किरायेदार संघ", "किरायेदार", "संघ"),
    ("สหภาพผู้เช่า", "สหภาพ", "ผู้เช่า"),
    ("租户联盟建设指南", "联盟", "租户"),
    ("借家人組合のガイド", "組合", "ｶﾞｲﾄﾞ"),
    ("세입자 조합 안내", "조합", "세입자"),
    ("Công đoàn người thuê nhà", "cong doan", "người thuê"),
    ("კავშირი მოიჯარეთა", "კავშირი", "მოიჯარეთა"),
]


@pytest.mark.parametrize(("title", "one", "other"), SCRIPTS)
def test_scripts(engine: Engine, title: str, one: str, other: str) -> None:
    fill(engine, doc(1, title), doc(2, "Other", f"x {title} y"), doc(3, "Nothing"))
    for query in (one, other, title, f'"{title}"'):
        assert set(found(engine, query)) == {1, 2}, query
    assert found(engine, one)[0] == 1


def test_one_character_of_an_unspaced_script_is_a_prefix(engine: Engine) -> None:
    fill(engine, doc(1, "联盟建设"), doc(2, "设"), doc(3, "建"))
    assert set(found(engine, "建")) == {1, 3}
    assert found(engine, "联") == [1]


# -- ranking


def test_a_title_counts_more_than_a_body(engine: Engine) -> None:
    fill(
        engine,
        doc(1, "Rents", "The lease and the lease of a flat are long texts."),
        doc(2, "Lease", "About many other things and more of them still."),
        doc(3, "Other", "Nothing of that kind in this text, really nothing."),
    )
    assert found(engine, "lease") == [2, 1]


def test_ties_go_to_the_newer_page_then_to_the_lower_id(engine: Engine) -> None:
    same = "The same words."
    fill(
        engine,
        doc(1, "Same", same, updated=50),
        doc(2, "Same", same, updated=90),
        doc(4, "Same", same, updated=50),
        doc(3, "Same", same, updated=50),
    )
    assert found(engine, "same") == [2, 1, 3, 4]
    assert found(engine, Filter("kind", ("",))) == [2, 1, 3, 4]


def test_a_weight_lowers_what_a_word_counts(engine: Engine) -> None:
    fill(engine, doc(1, "A", "renter lives here"), doc(2, "B", "tenant lives here"))
    query = Or((Word("renter"), Word("tenant", 0.5)))
    assert found(engine, query) == [1, 2]
    assert found(engine, Or((Word("renter", 0.5), Word("tenant")))) == [2, 1]


def test_statistics_leave_out_what_was_deleted(tmp_path: Path, engine: Engine) -> None:
    fill(engine, *TENANTS, *(doc(n, "Gone", "tenant lease") for n in range(10, 20)))
    engine.apply([Remove(n, 30) for n in range(10, 20)], 30)
    clean = make_engine("memory")
    clean.open(None, MARK)
    fill(clean, *TENANTS)
    with engine.snapshot() as after, clean.snapshot() as before:
        query = _node("tenant OR lease")
        assert after.search(query, limit=9) == before.search(query, limit=9)
        assert after.df(["tenant"]) == before.df(["tenant"])
        assert after.totals() == before.totals()


# -- brute force

VOCABULARY = [a + b for a in ("ren", "ten", "or", "co") for b in "abcdefgh"]


def _random_documents(dice: random.Random, n: int) -> list[Document]:
    def text(most: int) -> str:
        return " ".join(dice.choices(VOCABULARY, k=dice.randint(0, most)))

    return [
        doc(
            id,
            text(4),
            text(40),
            headings=(text(3),),
            tags=tuple(dice.sample(["a", "b", "c"], k=dice.randint(0, 2))),
            kind=dice.choice(["", "guide", "group"]),
            audience=dice.choice(["public", "members", "group:a"]),
            updated=dice.randint(0, 5),
        )
        for id in range(1, n + 1)
    ]


def _random_query(dice: random.Random, depth: int = 0) -> Node:
    kind = dice.randrange(9 if depth < 3 else 4)
    if kind in (0, 1):
        return Word(dice.choice(VOCABULARY))
    if kind == 2:
        return Prefix(dice.choice(VOCABULARY)[: dice.randint(2, 3)])
    if kind == 3:
        return Phrase(tuple(dice.choices(VOCABULARY, k=2)))
    if kind == 4:
        return Not(_random_query(dice, depth + 1))
    if kind == 5:
        return Filter("tags", tuple(dice.sample(["a", "b", "c"], k=dice.randint(1, 2))))
    parts = tuple(_random_query(dice, depth + 1) for _ in range(dice.randint(2, 3)))
    return And(parts) if kind < 8 else Or(parts)


def _is_hit(node: Node, document: Document) -> bool:
    """Match naively, straight from the texts."""
    texts = [document.title, *document.aliases, *document.headings, document.body]
    parts = [analysis.words(text) for text in texts]
    if isinstance(node, And):
        return all(_is_hit(part, document) for part in node.parts)
    if isinstance(node, Or):
        return any(_is_hit(part, document) for part in node.parts)
    if isinstance(node, Not):
        return not _is_hit(node.part, document)
    if isinstance(node, Filter):
        return bool(set(node.values) & set(document.tags))
    if isinstance(node, Prefix):
        return any(word.startswith(node.text) for part in parts for word in part)
    phrase = " ".join(node.words if isinstance(node, Phrase) else (node.text,))
    return any(f" {phrase} " in f" {' '.join(part)} " for part in parts)


@pytest.mark.parametrize("name", ENGINES)
def test_random_queries_agree_with_brute_force(name: str, tmp_path: Path) -> None:
    dice = random.Random(7)
    documents = _random_documents(dice, 120)
    engine, reference = make_engine(name), make_engine("memory")
    for each in (engine, reference):
        each.open(tmp_path, MARK)
        for start in range(0, 120, 30):
            fill(each, *documents[start : start + 30])
    with engine.snapshot() as snapshot, reference.snapshot() as memory:
        for _ in range(500):
            query = _random_query(dice)
            sees = dice.choice([None, PUBLIC, frozenset({"public", "members"})])
            visible = [d for d in documents if sees is None or d.audience in sees]
            expected = {d.id for d in visible if _is_hit(query, d)}
            hits = snapshot.search(query, limit=500, sees=sees)
            assert {hit.id for hit in hits} == expected, query
            assert snapshot.count(query, sees=sees) == len(expected)
            assert hits == memory.search(query, limit=500, sees=sees)
            counted = snapshot.facets(query, ["tags", "kind"], sees=sees)
            assert counted == memory.facets(query, ["tags", "kind"], sees=sees)
    engine.close()


# -- filters and facets

LIBRARY = (
    doc(
        1,
        "One",
        "word",
        name="guides/legal/one",
        tags=("Housing", "law"),
        kind="guide",
        lang="es",
        author="Ana R",
        updated=1_767_225_600_000,  # 2026-01-01
    ),
    doc(
        2,
        "Two",
        "word",
        name="guides/two",
        tags=("housing", "Coalición"),
        kind="guide",
        lang="es-MX",
        author="Bo",
        updated=1_772_323_200_000,  # 2026-03-01
    ),
    doc(
        3,
        "Three",
        "word",
        name="three",
        tags=("law",),
        kind="group",
        lang="pt-br",
        author="ana r",
        updated=1_774_828_800_000,  # 2026-03-30
    ),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag:housing", {1, 2}),
        ("tag:HOUSING tag:law", {1}),
        ("tag:housing,law", {1, 2, 3}),
        ("tag:coalicion", {2}),
        ("word -tag:law", {2}),
        ("type:guide", {1, 2}),
        ("lang:es", {1, 2}),
        ("lang:es-mx", {2}),
        ("lang:es,pt", {1, 2, 3}),
        ('author:"Ana R"', {1, 3}),
        ("in:guides", {1, 2}),
        ("in:guides/legal", {1}),
        ("in:/Guides/", {1, 2}),
        ("in:legal", set()),
        ("updated:2026-03", {2, 3}),
        ("updated:2026", {1, 2, 3}),
        ("updated:2026-03-30", {3}),
        ("updated:>2026-01-01", {2, 3}),
        ("updated:>=2026-01-01", {1, 2, 3}),
        ("updated:<2026-03", {1}),
        ("updated:2025..2026-01", {1}),
        ("updated:2026-02..", {2, 3}),
        ("word tag:law in:guides", {1}),
        ("nothing tag:law", set()),
        ("tag:law OR tag:housing type:group", {3}),
    ],
)
def test_filters(engine: Engine, query: str, expected: set[int]) -> None:
    fill(engine, *LIBRARY)
    assert set(found(engine, query)) == expected


def test_filters_alone_list_the_newest_change_first(engine: Engine) -> None:
    fill(engine, *LIBRARY)
    assert found(engine, "tag:housing,law") == [3, 2, 1]


def test_facets_count_all_hits_and_agree_with_the_filter(engine: Engine) -> None:
    fill(engine, *LIBRARY)
    fields = {"tags": "tag", "kind": "type", "lang": "lang", "area": "in"}
    with engine.snapshot() as snapshot:
        counted = snapshot.facets(Word("word"), [*fields, "author"])
        assert counted["kind"] == {"guide": 2, "group": 1}
        assert counted["lang"] == {"es": 2, "pt": 1}
        assert counted["area"] == {"guides": 2}
        assert counted["author"] in ({"Ana R": 2, "Bo": 1}, {"ana r": 2, "Bo": 1})
        assert sorted(counted["tags"].values()) == [1, 2, 2]
        for field, typed in fields.items():
            for value, number in counted[field].items():
                query = _node(f'word {typed}:"{value}"')
                assert snapshot.count(query) == number, query


# -- paging and ids left out


def test_pages_join_without_gap_or_repeat(engine: Engine) -> None:
    dice = random.Random(3)
    fill(engine, *(doc(n, "Word", "word " * dice.randint(1, 5)) for n in range(1, 96)))
    with engine.snapshot() as snapshot:
        everything = [hit.id for hit in snapshot.search(Word("word"), limit=1000)]
        pages = [
            [hit.id for hit in snapshot.search(Word("word"), limit=20, offset=start)]
            for start in range(0, 120, 20)
        ]
    assert list(chain.from_iterable(pages)) == everything
    assert len(set(everything)) == 95
    assert [len(page) for page in pages] == [20, 20, 20, 20, 15, 0]


def test_excluded_ids_are_nowhere(engine: Engine) -> None:
    fill(engine, *(doc(n, f"Word x{n}", "word", tags=("t",)) for n in range(1, 601)))
    out = frozenset(range(1, 501))
    assert set(found(engine, "word", exclude_ids=out)) == set(range(501, 601))
    assert found(engine, "x7", exclude_ids=out) == []
    with engine.snapshot() as snapshot:
        facets = snapshot.facets(Word("word"), ["tags"], exclude_ids=out)
        assert facets == {"tags": {"t": 100}}
        titles = snapshot.titles(["word"], limit=600, exclude_ids=out)
        assert {title.id for title in titles} == set(range(501, 601))


# -- who may see what


def test_a_hidden_page_is_nowhere(engine: Engine) -> None:
    open_pages = (doc(1, "Open", "canary in a mine"), doc(2, "Also open", "mine"))
    hidden = doc(
        9,
        "Canaryhidden",
        "canary mine canarysecret",
        tags=("secret",),
        audience="group:x",
    )
    fill(engine, *open_pages)
    before = _all_answers(engine, PUBLIC)
    fill(engine, hidden)
    assert _all_answers(engine, PUBLIC) == before
    assert _all_answers(engine, frozenset({"public", "group:y"})) == before
    member = frozenset({"public", "group:x"})
    assert set(found(engine, "canary*", sees=member)) == {1, 9}
    assert set(found(engine, "canary*", sees=None)) == {1, 9}
    with engine.snapshot() as snapshot:
        assert snapshot.terms("canarys", 5, sees=member) == ["canarysecret"]


def _all_answers(engine: Engine, sees: frozenset[str]) -> list[object]:
    answers: list[object] = []
    queries = (
        "canary",
        "mine",
        "canary*",
        "canarysecret",
        "-canary mine",
        "tag:secret",
    )
    for query in queries:
        answers.append(sorted(found(engine, query, sees=sees)))
    with engine.snapshot() as snapshot:
        answers.append(snapshot.facets(Word("mine"), ["tags", "area"], sees=sees))
        answers.append(snapshot.terms("can", 10, sees=sees))
        answers.append(snapshot.near("canarysecre", 2, 5, sees=sees))
        answers.append(snapshot.titles(["can"], limit=5, sees=sees))
    return answers


def test_completions_are_chosen_among_visible_words(engine: Engine) -> None:
    hidden = " ".join(f"prefix{n:03}" for n in range(200))
    pages = [doc(n, "Hidden", hidden, audience="admins") for n in range(1, 4)]
    fill(engine, *pages, doc(9, "Shown", "prefixzzz"))
    assert found(engine, "prefix*", sees=PUBLIC) == [9]
    with engine.snapshot() as snapshot:
        assert snapshot.terms("prefix", 99, sees=PUBLIC) == ["prefixzzz"]
        assert len(snapshot.terms("prefix", 99)) == 99


def test_changing_the_audience_hides_at_the_next_commit(engine: Engine) -> None:
    fill(engine, doc(1, "Word"))
    assert found(engine, "word", sees=PUBLIC) == [1]
    engine.apply([Upsert(doc(1, "Word", audience="members", seq=2))], 2)
    assert found(engine, "word", sees=PUBLIC) == []


# -- words, titles, texts


def test_terms_and_frequencies(engine: Engine) -> None:
    fill(engine, *TENANTS)
    with engine.snapshot() as snapshot:
        # On as many pages each: then by the alphabet.
        assert snapshot.terms("te", 2) == ["tenant", "tent"]
        df = snapshot.df(["tenant", "union", "ten*", "zz"], ("all", "title"))
        assert df["tenant"] == (2, 1)
        assert df["union"] == (1, 1)
        assert df["ten*"] == (3, 1)
        assert df["zz"] == (0, 0)


def test_near_words(engine: Engine) -> None:
    fill(engine, *TENANTS)
    with engine.snapshot() as snapshot:
        assert snapshot.near("tennant", 1, 3) == ["tenant"]
        assert snapshot.near("tenatn", 1, 3) == ["tenant"]
        assert snapshot.near("lnadlrod", 2, 3) == ["landlord"]
        assert snapshot.near("landlord", 2, 3) == []
        assert snapshot.near("zzzzzzz", 2, 3) == []


def test_titles_as_one_types(engine: Engine) -> None:
    fill(
        engine,
        doc(1, "Union of tenants"),
        doc(2, "Tenant union"),
        doc(3, "Coalición", aliases=("Tenderness",)),
        doc(4, "租户联盟"),
        doc(5, "Unrelated"),
    )
    with engine.snapshot() as snapshot:

        def ids(*pieces: str) -> list[int]:
            return [title.id for title in snapshot.titles(pieces, limit=10)]

        assert ids("ten") == [2, 1, 3]
        assert ids("ten", "uni") == [2, 1]
        assert ids("coal") == [3]
        assert ids("户联") == [4]
        assert ids("enant") == []
        assert snapshot.titles(["un"], limit=1)[0].title == "Unrelated"


def test_documents_come_back_as_they_are_shown(engine: Engine) -> None:
    document = doc(
        7,
        "Señal ☎",
        "Line one\n\n<b>two</b> \U0001f600 ",
        name="a/b",
        aliases=("Sign",),
        tags=("One", "two"),
        kind="guide",
        lang="es",
        author="Ana",
        audience="members",
    )
    fill(engine, document)
    with engine.snapshot() as snapshot:
        assert snapshot.documents([7, 8]) == {7: document}


# -- applying


def test_replays_change_nothing_and_the_newest_wins(engine: Engine) -> None:
    old, new = doc(1, "Old text"), doc(1, "New text", seq=5)
    engine.apply([Upsert(old)], 1)
    engine.apply([Upsert(new)], 5)
    engine.apply([Upsert(new)], 5)
    engine.apply([Upsert(old)], 1)
    assert engine.applied_seq() == 5
    assert found(engine, "text") == [1]
    assert found(engine, "new") == [1]
    engine.apply([Remove(1, 8)], 8)
    engine.apply([Upsert(new)], 5)
    assert found(engine, "text") == []
    engine.apply([Upsert(doc(1, "Back again", seq=9)), Remove(1, 8)], 9)
    assert found(engine, "again") == [1]


def test_one_batch_may_change_a_page_more_than_once(engine: Engine) -> None:
    batch = [Upsert(doc(1, f"Text number{n}", seq=n)) for n in (1, 3, 2)]
    engine.apply([*batch, Remove(2, 3), Upsert(doc(2, "Text", seq=2))], 3)
    assert found(engine, "text") == [1]
    assert found(engine, "number3") == [1]


def test_shuffled_batches_end_the_same(engine: Engine) -> None:
    dice = random.Random(5)
    changes: list[tuple[int, Upsert | Remove]] = []
    for seq in range(1, 200):
        id = dice.randint(1, 20)
        if dice.random() < 0.2:
            changes.append((seq, Remove(id, seq)))
        else:
            changes.append((seq, Upsert(doc(id, f"Word v{seq}", seq=seq))))
    last = {change.id if isinstance(change, Remove) else change.document.id: change
            for _, change in changes}  # fmt: skip
    expected = {id for id, change in last.items() if isinstance(change, Upsert)}
    dice.shuffle(changes)
    for start in range(0, len(changes), 40):
        part = changes[start : start + 40]
        engine.apply([change for _, change in part], max(seq for seq, _ in part))
    assert set(found(engine, "word")) == expected
    for id, change in last.items():
        if isinstance(change, Upsert):
            assert found(engine, change.document.title) == [id]


def test_a_failing_batch_leaves_everything_as_it_was(engine: Engine) -> None:
    fill(engine, *TENANTS)
    broken = replace(doc(8, "Broken"), body=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r".*"):
        engine.apply([Remove(1, 9), Upsert(doc(7, "Fine")), Upsert(broken)], 9)
    assert engine.applied_seq() == 4
    assert set(found(engine, "tenant")) == {1, 2}
    assert found(engine, "fine") == []
    engine.apply([Upsert(doc(7, "Fine", seq=10))], 10)
    assert found(engine, "fine") == [7]


def test_a_snapshot_does_not_move(engine: Engine) -> None:
    fill(engine, doc(1, "Word"))
    with engine.snapshot() as snapshot:
        generation = engine.generation()
        fill(engine, doc(2, "Word"))
        engine.apply([Remove(1, 3)], 3)
        assert engine.generation() != generation
        assert [hit.id for hit in snapshot.search(Word("word"), limit=9)] == [1]
        assert snapshot.seq == 1
    assert found(engine, "word") == [2]


def test_rebuild_replaces_everything(engine: Engine, tmp_path: Path) -> None:
    fill(engine, *TENANTS)
    told: list[int] = []
    engine.rebuild(tmp_path, MARK, [doc(8, "Only"), doc(9, "Two")], 20, told.append)
    assert told == [1, 2]
    assert engine.applied_seq() == 20
    assert found(engine, "tenant") == []
    assert found(engine, "only OR two") == [9, 8]


def test_many_small_commits_stay_right(engine: Engine) -> None:
    for n in range(1, 80):
        engine.apply([Upsert(doc(n % 25 + 1, f"Word w{n}", seq=n))], n)
        while n % 10 == 0 and engine.upkeep():
            pass
    assert set(found(engine, "word")) == set(range(1, 26))
    assert found(engine, "w79") == [79 % 25 + 1]
    assert found(engine, "w54") == []


def test_readers_and_a_writer_at_once(engine: Engine) -> None:
    fill(engine, *(doc(n, f"Word n{n}") for n in range(1, 40)))
    faults: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert len(found(engine, "word")) >= 39
                assert found(engine, '"word n7"') == [7]
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(40, 70):
        fill(engine, doc(n, f"Word n{n}"))
    done.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert len(found(engine, "word")) == 69


# -- an index that is not what it should be (engines that keep files)

FILED = tuple(name for name in ENGINES if name != "memory")


@pytest.fixture(params=FILED)
def make(request: pytest.FixtureRequest) -> Make:
    return lambda: make_engine(request.param)


def _filled(make: Make, path: Path) -> list[Path]:
    """Make an index with a few commits; return its files, large ones first."""
    engine = make()
    engine.open(path, MARK)
    for n in range(1, 6):
        fill(engine, doc(n, "Word", " ".join(f"w{n}x{m}" for m in range(300))))
    engine.close()
    files = [file for file in path.rglob("*") if file.is_file()]
    return sorted(files, key=lambda file: -file.stat().st_size)


def test_an_index_is_kept(make: Make, tmp_path: Path) -> None:
    _filled(make, tmp_path)
    engine = make()
    engine.open(tmp_path, MARK)
    assert set(found(engine, "word")) == {1, 2, 3, 4, 5}
    assert engine.applied_seq() == 5
    engine.close()


def test_an_index_of_another_version_is_refused(make: Make, tmp_path: Path) -> None:
    _filled(make, tmp_path)
    with pytest.raises(IndexUnusable):
        make().open(tmp_path, "another version")


@pytest.mark.parametrize("harm", ["truncated", "empty", "noise", "deleted"])
def test_damage_is_named_or_does_not_matter(
    make: Make, tmp_path: Path, harm: str
) -> None:
    for number in range(len(_filled(make, tmp_path / "first"))):
        home = tmp_path / f"try{number}"
        files = _filled(make, home)
        if number >= len(files) or files[number].name.endswith("_WRITELOCK"):
            continue
        _harm(files[number], harm)
        engine = make()
        try:
            engine.open(home, MARK)
            for n in range(1, 6):
                found(engine, f"word w{n}x7")
        except Exception as error:
            # Whatever it is: the core catches it and asks for a rebuild.
            del error
        finally:
            engine.close()
        engine.rebuild(home, MARK, [doc(1, "Word")], 9)
        assert found(engine, "word") == [1]
        engine.close()
    gc.collect()


def _harm(file: Path, harm: str) -> None:
    data = file.read_bytes()
    if harm == "deleted":
        file.unlink()
    elif harm == "empty":
        file.write_bytes(b"")
    elif harm == "truncated":
        file.write_bytes(data[: len(data) // 2])
    else:
        file.write_bytes(bytes(byte ^ 0x5A for byte in data))


def test_a_full_disk_during_a_commit(make: Make, tmp_path: Path) -> None:
    _filled(make, tmp_path)
    engine = make()
    engine.open(tmp_path, MARK)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            fill(engine, doc(6, "Word", " ".join(f"w6x{n}" for n in range(2000))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert engine.applied_seq() == 5
    assert len(found(engine, "word")) == 5
    fill(engine, doc(6, "Word"))
    assert len(found(engine, "word")) == 6
    engine.close()


def test_a_lost_folder_can_be_built_anew(make: Make, tmp_path: Path) -> None:
    _filled(make, tmp_path)
    engine = make()
    engine.open(tmp_path, MARK)
    for path in tmp_path.iterdir():
        shutil.rmtree(path)
    with pytest.raises((IndexUnusable, OSError)):
        engine.apply([Upsert(doc(6, "Word"))], 6)
    engine.rebuild(tmp_path, MARK, [doc(6, "Word")], 6)
    assert found(engine, "word") == [6]
    engine.close()


def test_another_opening_sees_a_commit_and_a_rebuild(
    make: Make, tmp_path: Path
) -> None:
    writer, reader = make(), make()
    writer.open(tmp_path, MARK)
    reader.open(tmp_path, MARK)
    for n in range(1, 6):
        fill(writer, doc(n, "Word"))
        assert len(found(reader, "word")) == n
        assert reader.generation() == writer.generation()
    writer.rebuild(tmp_path, MARK, [doc(9, "Word")], 9)
    assert found(reader, "word") == [9]
    for n in range(10, 14):
        fill(writer, doc(n, "Word"))
    assert len(found(reader, "word")) == 5
    writer.close()
    reader.close()


def test_a_folder_that_cannot_be_read_is_named(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((IndexUnusable, OSError)):
        make().open(tmp_path / "file", MARK)
