"""The search library must be installed once."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from wiki.errors import StartError
from wiki.search import installation
from wiki.search.engines import make_engine


def test_one_distribution_is_fine() -> None:
    installation.check_installation()


def test_two_distributions_are_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = {"whoosh3": "3.54.0", "whoosh": "2.7.4"}

    def version(name: str) -> str:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(installation.metadata, "version", version)
    with pytest.raises(StartError) as caught:
        installation.check_installation()
    text = str(caught.value)
    assert "whoosh3 3.54.0 and whoosh 2.7.4" in text
    assert "pip uninstall -y whoosh3 whoosh && pip install whoosh3==3.54.0" in text


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(StartError, match=r"memory, whoosh"):
        make_engine("lucene")


def test_the_search_library_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, wiki.search.finder, wiki.search.follower, wiki.search.engines\n"
        "print('whoosh' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
