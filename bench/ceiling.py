"""The ceiling: a Flask route that returns given bytes and does nothing else."""

from __future__ import annotations

from flask import Flask, Response, request


def app() -> Flask:
    """Return an application with one route; PUT sets the bytes that GET returns."""
    made = Flask("ceiling", static_folder=None)
    kept = {"body": b""}

    @made.get("/")
    def get() -> Response:
        return Response(kept["body"], content_type="text/html; charset=utf-8")

    @made.put("/")
    def put() -> str:
        kept["body"] = request.get_data()
        return ""

    return made
