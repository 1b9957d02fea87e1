"""One file that holds a whole wiki: written, verified, unpacked, and what is removed.

An archive is a tar file: wiki.toml, pages/, var/ and a manifest of SHA-256. A locked
one is a tar file of two files in the age format: ``key.age``, which the passphrase
opens, and ``wiki.tar.age``, which that key opens. The programs tar and age suffice.
"""

from .collecting import Collected, collect
from .reading import Manifest, is_locked, read_archive, verify
from .removing import Removal
from .unpacking import unpack
from .writing import write_archive

__all__ = [
    "Collected",
    "Manifest",
    "Removal",
    "collect",
    "is_locked",
    "read_archive",
    "unpack",
    "verify",
    "write_archive",
]
