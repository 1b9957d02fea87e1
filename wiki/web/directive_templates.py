"""Draws the templates of directives: the same for all readers of a page.

What they draw is kept with the page, so they know nothing of a request: no person, no
token, no address of this visit. Their words are in the language of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.support import Translations
from jinja2 import BaseLoader, Environment

from .current import page_url


class DirectiveTemplates:
    """Draws ``(template, context, lang)``; ``folders`` hold catalogs of translations.

    A page in none of the ``languages`` gets the words of the first.
    """

    def __init__(
        self, loader: BaseLoader, folders: Sequence[str], languages: Sequence[str]
    ) -> None:
        self._loader, self._folders, self._languages = loader, folders, languages
        self._made: dict[str, Environment] = {}

    def __call__(self, template: str, context: Mapping[str, Any], lang: str) -> str:
        tags = (lang, lang.partition("-")[0], self._languages[0])
        tag = next(tag for tag in tags if tag in self._languages)
        if tag not in self._made:
            self._made[tag] = self._make(tag)
        return self._made[tag].get_template(template).render(context)

    def _make(self, tag: str) -> Environment:
        words = Translations()
        for folder in self._folders:
            found = Translations.load(folder, [tag.replace("-", "_")])
            if isinstance(found, Translations):
                words.merge(found)
        made = Environment(
            loader=self._loader,
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
        made.globals["page_url"] = page_url
        return made
