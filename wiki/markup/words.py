"""The few words that a rendering adds to a page, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "table": "Table",
    "footnotes": "Footnotes",
    "back": "Back to the text",
    "done": "Done",
    "open": "Not done yet",
    "refused": "This kind of link is not allowed here",
    "no-file": "There is no such file",
    "undrawn": "This part cannot be shown as it was meant. This is how it was written.",
}
_SPANISH = {
    "note": "Nota",
    "tip": "Consejo",
    "important": "Importante",
    "warning": "Advertencia",
    "caution": "Precaución",
    "table": "Tabla",
    "footnotes": "Notas al pie",
    "back": "Volver al texto",
    "done": "Hecho",
    "open": "Por hacer",
    "refused": "Aquí no se permite este tipo de enlace",
    "no-file": "No existe ese archivo",
    "undrawn": "Esta parte no se puede mostrar como se quería. Así se escribió.",
}
_FRENCH = {
    "note": "Remarque",
    "tip": "Conseil",
    "important": "Important",
    "warning": "Avertissement",
    "caution": "Attention",
    "table": "Tableau",
    "footnotes": "Notes de bas de page",
    "back": "Retour au texte",
    "done": "Fait",
    "open": "À faire",
    "refused": "Ce type de lien n’est pas autorisé ici",
    "no-file": "Ce fichier n’existe pas",
    "undrawn": "Cette partie ne peut pas être affichée comme prévu. En voici le texte.",
}
_ARABIC = {
    "note": "ملاحظة",
    "tip": "نصيحة",
    "important": "مهم",
    "warning": "تحذير",
    "caution": "تنبيه",
    "table": "جدول",
    "footnotes": "الحواشي",
    "back": "العودة إلى النص",
    "done": "تم",
    "open": "لم يتم بعد",
    "refused": "هذا النوع من الروابط غير مسموح هنا",
    "no-file": "لا يوجد ملف بهذا الاسم",
    "undrawn": "لا يمكن عرض هذا الجزء كما أُريد له. هذا نصه كما كُتب.",
}
_ALL = {"en": _ENGLISH, "es": _SPANISH, "fr": _FRENCH, "ar": _ARABIC}


def words(lang: str) -> Mapping[str, str]:
    """Return the words of a language, or English."""
    return _ALL.get(lang.partition("-")[0].lower(), _ENGLISH)
