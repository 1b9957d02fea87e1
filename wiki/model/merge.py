r"""Merges two changes of one text, part by part (see blocks).

What only one side changed is taken; what both changed alike is taken once; the rest
is a conflict that shows all three. Front matter merges key by key. Spaces between
parts never conflict. Texts have ``\n`` line ends, as the store keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .align import Hunk, hunks, refined
from .blocks import Block, Body, Front, fuses, split_body, split_front

Kind = Literal["same", "theirs", "yours", "both_same", "conflict"]

_MARKERS = tuple(
    re.compile(rf"^{mark}{{7}}(?!{mark})", re.MULTILINE) for mark in ("<", "=", ">")
)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the page as it was, as they have it and as you have it.

    ``kind`` says who changed its words. ``text`` is the merged text, None for a
    conflict. ``field`` is the key of a front matter entry, "" for the rest of the
    front matter and None in the body.
    """

    kind: Kind
    base: str
    theirs: str
    yours: str
    text: str | None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, None with conflicts, and all parts in order.

    The parts' ``base`` joined are the base, and so for both sides; only keys of front
    matter may stand in another order.
    """

    text: str | None
    parts: tuple[Part, ...]

    @property
    def conflicts(self) -> tuple[int, ...]:
        """The places of the parts that need a decision."""
        return tuple(i for i, p in enumerate(self.parts) if p.kind == "conflict")


@dataclass(frozen=True, slots=True)
class Typed:
    """A choice for a conflict: text written by hand."""

    text: str


Choice = str | Typed


def merge_text(base: str, theirs: str, yours: str) -> str | None:
    """Return the merged text, or None where both changed the same part."""
    return merge3(base, theirs, yours).text


def merge3(base: str, theirs: str, yours: str) -> Merged:
    """Merge two changes of ``base``, keeping every part of all three."""
    fronts, rests = zip(*map(split_front, (base, theirs, yours)), strict=True)
    parts = [*_front_parts(*fronts), *_body_parts(*map(split_body, rests))]
    text = None
    if all(part.text is not None for part in parts):
        text = _assembled(parts, [part.text or "" for part in parts])
    return Merged(text, tuple(parts))


def resolve(parts: Sequence[Part], choices: Mapping[int, Choice]) -> str | None:
    """Return the text with conflicts decided, None while one is undecided.

    Keys are places in ``parts``. A choice is "theirs", "yours", "both" (not for
    front matter) or a text; ``Typed`` is for a text that may read like one of these.
    """
    texts = []
    for at, part in enumerate(parts):
        text = part.text if part.text is not None else _chosen(part, choices.get(at))
        if text is None:
            return None
        texts.append(text)
    return _assembled(parts, texts)


def has_conflict_markers(text: str) -> bool:
    """Tell whether a text holds all three marker lines of a merge left unresolved."""
    at = 0
    for marker in _MARKERS:
        found = marker.search(text, at)
        if not found:
            return False
        at = found.end()
    return True


def _chosen(part: Part, choice: Choice | None) -> str | None:
    if isinstance(choice, Typed):
        return choice.text
    if choice == "both":
        return _both(part) if part.field is None else None
    sides = {"theirs": part.theirs, "yours": part.yours}
    return sides.get(choice, choice) if choice is not None else None


def _both(part: Part) -> str:
    if not part.theirs.strip() or not part.yours.strip():
        return part.theirs if part.theirs.strip() else part.yours
    last = split_body(part.theirs).blocks[-1]
    first = split_body(part.yours).blocks[0]
    gap = "\n" if last.kind == first.kind == "item" else "\n\n"
    return part.theirs.rstrip("\n") + gap + part.yours


# -- front matter


def _front_parts(
    base: Front | None, theirs: Front | None, yours: Front | None
) -> list[Part]:
    sides = (theirs, yours)
    if base is theirs is yours is None:
        return []
    whole = any(side is None or side.keys is None for side in sides)
    if whole or (base is not None and base.keys is None):
        raws = [front.raw if front else "" for front in (base, *sides)]
        return [_three(raws[0], raws[1], raws[2], "")]
    was = base or Front("", {}, "", "", "")
    assert theirs is not None
    assert yours is not None
    keys = (was.keys or {}, theirs.keys or {}, yours.keys or {})
    parts = [_three(was.head, theirs.head, yours.head, "")]
    for key in _key_order(*keys):
        values = [side.get(key, "") for side in keys]
        parts.append(_three(values[0], values[1], values[2], key))
    foot = _three(was.foot, theirs.foot, yours.foot, "")
    gap = _gap(was.gap, theirs.gap, yours.gap)
    feet = [front.foot + front.gap for front in (was, theirs, yours)]
    text = None if foot.text is None else foot.text + gap
    return [*parts, Part(foot.kind, feet[0], feet[1], feet[2], text, "")]


def _key_order(
    base: Mapping[str, str], theirs: Mapping[str, str], yours: Mapping[str, str]
) -> list[str]:
    """Return all keys: in the order of the side that changed it, else by name."""
    was, first, second = list(base), list(theirs), list(yours)
    if first == was or (second != was and second < first):
        first, second = second, first
    order = list(first)
    for other in (second, was):
        for at, key in enumerate(other):
            if key not in order:
                place = order.index(other[at - 1]) + 1 if at else 0
                while place < len(order) and _is_new(order[place], base, other, key):
                    place += 1
                order.insert(place, key)
    return order


def _is_new(
    key: str, base: Mapping[str, str], other: Sequence[str], before: str
) -> bool:
    """Tell whether the other side added this key, and its name comes first."""
    return key not in base and key not in other and key < before


def _three(base: str, theirs: str, yours: str, field: str | None) -> Part:
    """Merge one piece as a whole."""
    if theirs == yours:
        kind: Kind = "same" if base == theirs else "both_same"
        return Part(kind, base, theirs, yours, theirs, field)
    if base == theirs:
        return Part("yours", base, theirs, yours, yours, field)
    if base == yours:
        return Part("theirs", base, theirs, yours, theirs, field)
    return Part("conflict", base, theirs, yours, None, field)


# -- the body


class _Cluster(NamedTuple):
    """Base parts ``lo`` to ``hi``, and the changes of each side that touch there."""

    lo: int
    hi: int
    theirs: tuple[Hunk, ...]
    yours: tuple[Hunk, ...]


def _body_parts(base: Body, theirs: Body, yours: Body) -> list[Part]:
    parts = []
    leads = (base.lead, theirs.lead, yours.lead)
    if any(leads):
        parts.append(Part("same", *leads, _gap(*leads)))
    t_shift = y_shift = at = 0
    t_blocks, y_blocks = theirs.blocks, yours.blocks
    end = _Cluster(len(base.blocks), len(base.blocks), (), ())
    for cluster in [*_clusters(base.blocks, t_blocks, y_blocks), end]:
        lo, hi = cluster.lo, cluster.hi
        if at < lo:
            same = t_blocks[at + t_shift : lo + t_shift]
            also = y_blocks[at + y_shift : lo + y_shift]
            parts.append(_stable(base.blocks[at:lo], same, also))
        t1, y1 = lo + t_shift, lo + y_shift
        for hunk in cluster.theirs:
            t_shift = hunk.b2 - hunk.a2
        for hunk in cluster.yours:
            y_shift = hunk.b2 - hunk.a2
        if cluster is not end:
            mine, other = y_blocks[y1 : hi + y_shift], t_blocks[t1 : hi + t_shift]
            parts.append(_changed(cluster, base.blocks[lo:hi], other, mine))
        at = hi
    return parts


def _clusters(
    base: Sequence[Block], theirs: Sequence[Block], yours: Sequence[Block]
) -> list[_Cluster]:
    """Return the changes of both sides, those that touch each other together."""
    sides = (_changes(base, theirs), _changes(base, yours))
    todo = sorted((hunk, side) for side in (0, 1) for hunk in sides[side])
    clusters: list[_Cluster] = []
    for hunk, side in todo:
        if clusters and _touches(clusters[-1], hunk, side):
            lo, hi, *members = clusters.pop()
            hi = max(hi, hunk.a2)
        else:
            lo, hi, members = hunk.a1, hunk.a2, [(), ()]
        members[side] = (*members[side], hunk)
        clusters.append(_Cluster(lo, hi, members[0], members[1]))
    return clusters


def _changes(base: Sequence[Block], side: Sequence[Block]) -> list[Hunk]:
    a, b = [block.text for block in base], [block.text for block in side]
    return [small for hunk in hunks(a, b) for small in refined(hunk, a, b)]


def _touches(cluster: _Cluster, hunk: Hunk, side: int) -> bool:
    """Tell whether a change meets those of a cluster.

    Neighbors do not touch, unless both add at one place.
    """
    if hunk.a1 < cluster.hi:
        return True
    others = cluster.yours if side == 0 else cluster.theirs
    if hunk.a1 > cluster.hi or not others or others[-1].a2 != cluster.hi:
        return False
    other = others[-1]
    adds = hunk.a1 == hunk.a2 or other.a1 == other.a2
    return adds and _grows(hunk) and _grows(other)


def _grows(hunk: Hunk) -> bool:
    return hunk.b2 - hunk.b1 > hunk.a2 - hunk.a1


def _stable(
    base: Sequence[Block], theirs: Sequence[Block], yours: Sequence[Block]
) -> Part:
    text = "".join(
        b.text + _gap(b.gap, t.gap, y.gap)
        for b, t, y in zip(base, theirs, yours, strict=True)
    )
    return Part("same", _joined(base), _joined(theirs), _joined(yours), text)


def _changed(
    cluster: _Cluster,
    base: Sequence[Block],
    theirs: Sequence[Block],
    yours: Sequence[Block],
) -> Part:
    kind: Kind = "conflict"
    text = None
    if [block.text for block in theirs] == [block.text for block in yours]:
        kind = "both_same"
        text = "".join(
            t.text + _gap("", t.gap, y.gap) for t, y in zip(theirs, yours, strict=True)
        )
    elif not cluster.yours:
        kind, text = "theirs", _taken(theirs, base, yours)
    elif not cluster.theirs:
        kind, text = "yours", _taken(yours, base, theirs)
    return Part(kind, _joined(base), _joined(theirs), _joined(yours), text)


def _taken(new: Sequence[Block], base: Sequence[Block], kept: Sequence[Block]) -> str:
    """Return the changed parts, with the space that the other side put behind."""
    if not new or not base:
        return _joined(new)
    gap = _gap(base[-1].gap, new[-1].gap, kept[-1].gap)
    return _joined(new[:-1]) + new[-1].text + gap


def _joined(blocks: Sequence[Block]) -> str:
    return "".join(block.text + block.gap for block in blocks)


def _gap(base: str, theirs: str, yours: str) -> str:
    if base == theirs:
        return yours
    if base == yours:
        return theirs
    return max(theirs, yours, key=lambda gap: (gap.count("\n"), gap))


# -- putting together


def _assembled(parts: Sequence[Part], texts: Sequence[str]) -> str:
    """Join texts of parts so that none runs into the next, with the right end."""
    out: list[str] = []
    last: Part | None = None
    for part, text in zip(parts, texts, strict=True):
        if text and out and last is not None:
            out[-1] += _space(last, out[-1], text)
        if text:
            out.append(text)
            last = part
    whole = "".join(out)
    if not whole.strip():
        return whole
    tails = [
        _tail("".join(side))
        for side in zip(*((p.base, p.theirs, p.yours) for p in parts), strict=True)
    ]
    return whole.rstrip("\n") + _gap(tails[0], tails[1], tails[2])


def _tail(text: str) -> str:
    return text[len(text.rstrip("\n")) :]


def _space(last: Part, before: str, after: str) -> str:
    """Return the line ends missing between two texts."""
    first, second = split_body(before).blocks, split_body(after).blocks
    if last.field is not None or not first:
        return "" if before.endswith("\n") else "\n"
    if not second or not fuses(first[-1], second[0], first[-1].gap):
        return ""
    missing = 2 - first[-1].gap.count("\n")
    item = second[0].kind == "item" and first[-1].kind == "item"
    return "\n" * (1 if item else missing)
