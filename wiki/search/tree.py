"""Questions about a query tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wiki.search.base import And, Filter, Node, Not, Or, Phrase, Prefix, Word

# The most completions of a prefix that are used.
MAX_COMPLETIONS = 64


def scored(node: Node) -> list[tuple[str, float]]:
    """Return the words that count for the score with their weights, in order.

    A prefix is given with a star; what is below a ``Not`` does not count.
    """
    if isinstance(node, Word):
        return [(node.text, node.weight)]
    if isinstance(node, Phrase):
        return [(word, node.weight) for word in node.words]
    if isinstance(node, Prefix):
        return [(node.text + "*", 1.0)]
    if isinstance(node, And | Or):
        return [pair for part in node.parts for pair in scored(part)]
    return []


def leaves(node: Node, *, negated: bool = False) -> Iterator[Node]:
    """Yield words, phrases, prefixes and filters; below ``Not`` only on request."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part, negated=negated)
    elif isinstance(node, Not):
        if negated:
            yield from leaves(node.part, negated=True)
    else:
        yield node


def prefixes(node: Node) -> set[str]:
    """Return all prefixes of a tree, also negated ones."""
    found = leaves(node, negated=True)
    return {leaf.text for leaf in found if isinstance(leaf, Prefix)}


def has_positive(node: Node) -> bool:
    """Tell whether anything is asked for that a page must have."""
    return any(True for _ in leaves(node))


def has_words(node: Node) -> bool:
    """Tell whether any word is asked for, so that there is a score."""
    return any(not isinstance(leaf, Filter) for leaf in leaves(node))


def replace(node: Node, change: Callable[[Node], Node | None]) -> Node | None:
    """Return the tree with every leaf that counts changed; None drops it."""
    if isinstance(node, And | Or):
        kept = [new for part in node.parts if (new := replace(part, change))]
        if not kept:
            return None
        return kept[0] if len(kept) == 1 else type(node)(tuple(kept))
    if isinstance(node, Not):
        return node
    return change(node)


def any_word(node: Node) -> Node | None:
    """Return the tree that asks for some of the words instead of all, or None.

    What was excluded and filtered stays excluded and filtered.
    """
    if not isinstance(node, And):
        return None
    words = [part for part in node.parts if not isinstance(part, Not | Filter)]
    rest = [part for part in node.parts if isinstance(part, Not | Filter)]
    if len(words) < 2:
        return None
    some = Or(tuple(words))
    return And((some, *rest)) if rest else some
