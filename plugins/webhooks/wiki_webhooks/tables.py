"""What is kept: endpoints, and messages with how their delivery went."""

from __future__ import annotations

LOGGED = 100  # messages that are done with

# Of an endpoint, seq and act are the last change and the last act of the log that it
# was told of; off says why nothing is sent. A message with no due is done with.
STEPS = (
    """
    CREATE TABLE endpoint (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
        url TEXT NOT NULL, secrets TEXT NOT NULL, events TEXT NOT NULL,
        folder TEXT NOT NULL, audience TEXT NOT NULL, seq INTEGER NOT NULL,
        act INTEGER NOT NULL, off TEXT NOT NULL DEFAULT '');
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint INTEGER NOT NULL
        REFERENCES endpoint ON DELETE CASCADE, key TEXT NOT NULL,
        subject TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
        due REAL, tries INTEGER NOT NULL DEFAULT 0,
        answer TEXT NOT NULL DEFAULT '');
    CREATE INDEX waiting ON message (endpoint, subject, id) WHERE due IS NOT NULL;
    """,
)

# The message to be sent next: of each subject (a page) only the first that waits.
DUE = """
    SELECT m.* FROM message m JOIN endpoint e ON e.id = m.endpoint
    WHERE m.due <= ? AND e.off = '' AND e.id NOT IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (
        SELECT 1 FROM message b WHERE b.endpoint = m.endpoint
        AND b.subject = m.subject AND b.id < m.id AND b.due IS NOT NULL)
    ORDER BY m.id LIMIT 1
"""
ENDPOINT = "SELECT * FROM endpoint WHERE id = ?"
MESSAGE = "SELECT * FROM message WHERE id = ?"
ON = "SELECT * FROM endpoint WHERE off = ''"
WAITING = "SELECT count(*) n FROM message WHERE endpoint = ? AND due IS NOT NULL"
REACHED = "UPDATE endpoint SET seq=max(seq, ?), act=max(act, ?) WHERE id=?"
PUT = """
    INSERT INTO message (endpoint, key, subject, type, body, due)
    VALUES (:endpoint, :key, :subject, :type, :body, :due)
"""
DONE = "UPDATE message SET answer = ?, due = NULL WHERE id = ?"
FORGET = f"""
    DELETE FROM message WHERE due IS NULL AND id <= (
        SELECT id FROM message WHERE due IS NULL
        ORDER BY id DESC LIMIT 1 OFFSET {LOGGED})
"""

LOG = f"""
    SELECT m.*, e.name FROM message m JOIN endpoint e ON e.id = m.endpoint
    ORDER BY m.id DESC LIMIT {LOGGED}
"""
SAVE = """
    INSERT INTO endpoint (name, url, folder, audience, events, secrets, seq, act)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
    url = excluded.url, folder = excluded.folder, audience = excluded.audience,
    events = excluded.events
"""
FIRST = "substr(secrets, 1, instr(secrets || ' ', ' ') - 1)"
# What a button does, and the sentence that says so.
ACTS = {
    "on": (
        "UPDATE endpoint SET off = '' WHERE id = :id",
        "It is on again, and is told of what happened meanwhile.",
    ),
    "off": (
        "UPDATE endpoint SET off = 'Switched off by hand.' WHERE id = :id",
        "It is off. What happens is kept for it until it is on again.",
    ),
    "rotate": (
        f"UPDATE endpoint SET secrets = :new || ' ' || {FIRST} WHERE id = :id",
        "Messages are signed with both secrets. End the old one when it is not used.",
    ),
    "forget": (
        f"UPDATE endpoint SET secrets = {FIRST} WHERE id = :id",
        "Messages are signed with the newest secret only.",
    ),
    "remove": (
        "DELETE FROM endpoint WHERE id = :id",
        "It is removed, with all that was kept of it.",
    ),
}
