"""For machines that look after the wiki: health, and the icon."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect

from wiki.model.parts import Check

from .current import actor, wiki

bp = Blueprint("health", __name__)


@bp.get("/-/health")
def health() -> Response:
    """Answer ok, degraded or failing; with admin rights, why."""
    checks = wiki_checks()
    worst = {status for _, status, _ in checks}
    status = "failing" if "failing" in worst else "ok"
    if status == "ok" and "warning" in worst:
        status = "degraded"
    answer: dict[str, object] = {"status": status}
    if wiki().access.allows(actor(), "admin"):
        answer["checks"] = [
            {"name": name, "status": one, "text": text} for name, one, text in checks
        ]
    response = jsonify(answer)
    response.status_code = 503 if status == "failing" else 200
    return response


def wiki_checks() -> list[tuple[str, str, str]]:
    """Return (name, ok | warning | failing, sentence) of everything looked at."""
    found: list[tuple[str, str, str]] = []
    found.append(("search", *wiki().search_health()))
    for path, text in wiki().store.problems().items():
        found.append((f"file {path}", "warning", text))
    for plugin_name, name, status, text in plugin_checks():
        found.append((f"{plugin_name}: {name}", status, text))
    for plugin in wiki().registry.states.values():
        if plugin.state == "broken":
            found.append((f"plugin {plugin.name}", "warning", plugin.reason))
    for fault in wiki().door.faults.values():
        text = f"{fault.hook}: {fault.text} ({fault.count})"
        found.append((f"plugin {fault.plugin}", "warning", text))
    return found


def plugin_checks() -> list[tuple[str, str, str, str]]:
    """Return (plugin, name, status, sentence) of what plugins look at themselves."""
    found = []
    for plugin, check in wiki().door.collect("health_checks"):
        answers: list[tuple[str, str]] = []
        run = partial(_run, check, answers)
        ran = wiki().door.run(plugin, f"health check {check.name}", run)
        status, text = answers[0] if ran else ("warning", "It could not run.")
        found.append((plugin, check.name, status, text))
    return found


def _run(check: Check, answers: list[tuple[str, str]]) -> None:
    status, text = check.run()
    answers.append((str(status), str(text)))


@bp.get("/favicon.ico")
def favicon() -> Response:
    url = current_app.extensions["wiki.assets"].url("icons/sprite.svg")
    return make_response(redirect(url, 302))
