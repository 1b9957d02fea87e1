"""The index of terms: ``/-/p/glossary/``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

import wiki

from .index import by_letter, entries, matching
from .lexicon import Lexicons
from .terms import language

MAX_QUERY = 100
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


def blueprint(lexicons: Lexicons) -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint(
        "glossary", __name__, template_folder="templates", static_folder="static"
    )

    @pages.get("/")
    def index() -> Any:
        sees = wiki.current_actor().sees
        known = lexicons.languages(sees)
        lang = language(request.args.get("in")) or lexicons.site_lang
        if known and lang not in dict(known):
            lang = known[0][0]
        text = request.args.get("q", "").strip()[:MAX_QUERY]
        every = entries(lexicons.get(lang, sees).terms, lang)
        shown = by_letter(matching(every, text), lang)
        return wiki.render(
            "glossary/index.html",
            letters=shown,
            count=sum(not entry.see for _, group in shown for entry in group),
            text=text,
            in_lang=lang,
            known=known,
            direction="rtl" if lang in RIGHT_TO_LEFT else "ltr",
        )

    return pages
