"""Every error a person can meet: a status, a slug and a sentence that says what to do.

The sentence is a message id for gettext with ``%(name)s`` places; layers below the
web raise it untranslated and the web translates it for the reader.
"""

from __future__ import annotations

from typing import Any, ClassVar


class WikiError(Exception):
    """Base of all errors with a sentence for people.

    ``params`` fill the places of ``sentence``; ``extra`` carries what a caller needs
    to go on (the three texts of a conflict, the list of problems).
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    sentence: ClassVar[str] = "Something went wrong here. Nothing you typed is lost."

    def __init__(self, sentence: str | None = None, **params: Any) -> None:
        self.message = sentence or self.sentence
        self.params = params
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class BadRequest(WikiError):
    status, slug = 400, "bad-request"
    sentence = "This request could not be understood. Go back and try again."


class BadName(WikiError):
    """The name breaks a rule; the sentence names the character or the part."""

    status, slug = 400, "bad-name"
    sentence = "A page name cannot be empty. Type a name."


class SignInNeeded(WikiError):
    status, slug = 401, "sign-in-needed"
    sentence = "Sign in to do this."


class SignInFailed(SignInNeeded):
    """One sentence for every reason, so that it does not tell who has an account."""

    sentence = (
        "This name and password do not belong together. Check both and try again, or "
        "ask an administrator for a sign-in link."
    )


class WrongCode(SignInNeeded):
    sentence = (
        "This code is not right. Type the newest one of your app. If it is refused "
        "again, check the time of your phone, or use a recovery code."
    )


class SecondStepNeeded(SignInNeeded):
    """The password was right; ``key`` stands for the sign-in that waits for a code."""

    sentence = "Type the code of your app to finish signing in."

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class ProofNeeded(SignInNeeded):
    """Signed in too long ago for what is asked; nothing was changed."""

    sentence = (
        "You signed in a while ago. Type your password or a code to show that it is "
        "you. Nothing was changed."
    )


class NotAllowed(WikiError):
    status, slug = 403, "not-allowed"
    sentence = "You can read this page but not change it."


class Blocked(NotAllowed):
    """An administrator has paused this person's right to write."""

    sentence = (
        "You can read here, but an administrator has paused your right to change "
        "pages. Copy your text if you want to keep it, and ask them."
    )


class NotFound(WikiError):
    """Nothing by that name that this person may see; hidden looks the same."""

    status, slug = 404, "not-found"
    sentence = "There is no page here."


class LinkOver(NotFound):
    sentence = "This link has been used or is too old. Ask for a new one."


class Gone(NotFound):
    """The page was deleted and can be restored by those who may."""

    sentence = "This page was deleted."

    def __init__(self, page_id: int, name: str, head: int, when: int, who: str) -> None:
        super().__init__()
        self.page_id, self.name, self.head = page_id, name, head
        self.when, self.who = when, who


class Expunged(NotFound):
    sentence = "The text of this version was removed for good."


class NameTaken(WikiError):
    """``kind`` says what holds the name: page, redirect or gone."""

    status, slug = 409, "name-taken"
    sentence = "A page named “%(name)s” already exists. Choose another name."

    def __init__(self, name: str, page_id: int = 0, kind: str = "page") -> None:
        super().__init__(name=name)
        self.page_id, self.kind = page_id, kind


class AccountTaken(NameTaken):
    sentence = "The name “%(name)s” is taken. Choose another one."


class NameHeld(NameTaken):
    """A deleted page holds the name."""

    sentence = (
        "A deleted page is still called “%(name)s”. Bring it back from its address, "
        "or choose another name."
    )


class Conflict(WikiError):
    """Somebody saved first. Carries all three texts; nothing was written."""

    status, slug = 409, "edit-conflict"
    sentence = "Someone saved this page while you were writing. Nothing is lost."

    def __init__(
        self,
        page_id: int,
        base: int,
        head: int,
        base_text: str = "",
        theirs: str = "",
        yours: str = "",
    ) -> None:
        super().__init__()
        self.page_id, self.base, self.head = page_id, base, head
        self.base_text, self.theirs, self.yours = base_text, theirs, yours


class TooManyWait(WikiError):
    status, slug = 429, "too-many-wait"
    sentence = (
        "Many of your changes wait for somebody to look at them. Your text is kept in "
        "this form: save it once some of them were looked at."
    )


class TooSlow(WikiError):
    status, slug = 408, "too-slow"
    sentence = (
        "What you sent took too long to arrive, so nothing was saved. Go back: your "
        "text is still in the form. Send it again."
    )


class TooManySlow(WikiError):
    status, slug = 503, "too-many-slow"
    sentence = (
        "Many people are sending over slow connections just now, so nothing was "
        "saved. Go back: your text is still in the form. Send it again in a minute."
    )


class CannotUndo(WikiError):
    """A change cannot be taken back by the wiki alone; the sentence says why."""

    status, slug = 409, "cannot-undo"
    sentence = (
        "This cannot be undone by itself: others changed the same part since. Look at "
        "the page and change it by hand."
    )


class Stale(WikiError):
    status, slug = 412, "stale"
    sentence = "The page has changed since you read it. Read it again, then send."

    def __init__(self, etag: str = "") -> None:
        super().__init__()
        self.etag = etag


class TooLarge(WikiError):
    status, slug = 413, "too-large"
    sentence = (
        "This page is too long (%(size)d of %(limit)d kB). "
        "Split it into several pages. Your text is still here."
    )


class NotValid(WikiError):
    """The text breaks rules; ``problems`` lists them."""

    status, slug = 422, "not-valid"
    sentence = "Some things need a look before this can be saved. Your text is here."

    def __init__(self, problems: Any = (), sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.problems = tuple(problems)


class Wider(NotValid):
    """More people could read the page than until now; nobody has agreed to that yet.

    ``before`` and ``becomes`` are audiences.
    """

    sentence = (
        "Not saved yet: more people could read this page than until now. Say that "
        "you mean it, then save again. Your text is here."
    )

    def __init__(self, before: str, becomes: str) -> None:
        super().__init__()
        self.before, self.becomes = before, becomes


class LooksTwice(WikiError):
    """Something dangerous that nobody has agreed to yet; ``sentences`` say what."""

    status, slug = 409, "look-twice"
    sentence = "Not done yet: read first what becomes true with this."

    def __init__(self, sentences: Any) -> None:
        super().__init__()
        self.sentences = tuple(sentences)


class NotErasable(WikiError):
    """Erasing this would change more than texts; the sentence says what to do first."""

    status, slug = 422, "not-valid"
    sentence = "This cannot be erased. Nothing was changed."


class NotText(WikiError):
    status, slug = 422, "not-valid"
    sentence = "This is not text in UTF-8. Save the file as UTF-8 and try again."


class BaseNeeded(WikiError):
    status, slug = 428, "base-needed"
    sentence = "Say which version you changed: send If-Match, or “base” in the body."


class TooMany(WikiError):
    status, slug = 429, "too-many-requests"
    sentence = "Too many requests in a short time. Try again in %(seconds)d seconds."

    def __init__(self, seconds: int = 60) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


class TooManyEdits(TooMany):
    sentence = (
        "Too many edits in a short time. Your text is kept; try again in a minute."
    )
    later = (
        "Too many edits in a short time. Your text is kept; try again in %(minutes)d "
        "minutes."
    )

    def __init__(self, seconds: int = 60) -> None:
        super().__init__(seconds)
        if seconds > 60:
            self.message, self.params = self.later, {"minutes": -(-seconds // 60)}


class TooManySignIns(TooMany):
    sentence = (
        "Too many sign-ins failed in a short time. Wait %(seconds)d seconds, or ask "
        "an administrator for a sign-in link."
    )


class Busy(WikiError):
    status, slug = 503, "busy"
    sentence = "The wiki is busy just now. Your text is still here; save again."


class ReadOnly(WikiError):
    status, slug = 503, "read-only"
    sentence = "Not saved: the wiki cannot write to its disk. Your text is still here."


class ReadOnlyForNow(ReadOnly):
    """Somebody decided so (``wiki panic read-only``); the disk is fine."""

    sentence = (
        "The wiki is read-only for now, by decision of its administrators. "
        "Your text is still here; copy it."
    )


class NoSpace(WikiError):
    status, slug = 507, "disk-full"
    sentence = "Not saved: the disk is full. Your text is still here."


class CorruptData(WikiError):
    sentence = "The stored text of this page is damaged. The other pages are fine."


class IndexUnusable(Exception):
    """A search index that cannot be opened; the reason is in plain words."""


class StartError(Exception):
    """The wiki cannot start; the text names the cause and the remedy.

    ``exit_code`` is the code of spec: 3 settings wrong, 4 refused, 1 anything else.
    """

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code
