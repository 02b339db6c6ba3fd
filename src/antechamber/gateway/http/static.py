"""The page's files, served from memory. All are read at the start, so that they are of one version.

Each is minified and compressed at its first request, so that the start takes no longer.

A browser revalidates its copy each time (RFC 9111, 4.3), and gets a 304 if it is current.
"""

import gzip
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rcssmin import cssmin  # type: ignore[import-untyped]
from rjsmin import jsmin  # type: ignore[import-untyped]
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_WEB = Path(__file__).parents[2] / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".txt": "text/plain; charset=utf-8",
}
"""The file types that are served. Other files in the folder are not."""
_PACKED = frozenset((".html", ".css", ".js", ".json", ".webmanifest", ".svg", ".txt"))
"""The file types that are compressed."""
_SMALLER = {".js": jsmin, ".css": cssmin}
"""The minifiers, by file type."""
_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
))  # fmt: skip
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _File(NamedTuple):
    kind: str
    data: bytes
    packed: bytes | None
    """The data compressed by gzip, None if that is not smaller."""
    tag: str


class StaticFiles:
    """The files in the folder `web` and its subfolders. Raises OSError if they cannot be read."""

    def __init__(self) -> None:
        folder = _WEB
        paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES and path.is_file())
        self._contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        self._files: dict[str, _File] = {}

    def __contains__(self, path: str) -> bool:
        """Return whether there is a file with this path."""
        return path in self._contents

    def answer(self, path: str, request: Request) -> Response:
        """Return the file, or a 304 if the browser's copy is current. Raises HTTPException if there is no file."""
        if path not in self._contents:
            raise HTTPException(404)
        if (file := self._files.get(path)) is None:
            file = self._files[path] = _minified(path, self._contents[path])
        packs = file.packed is not None and _takes_gzip(request.headers)
        tag = f'"{file.tag}-gzip"' if packs else f'"{file.tag}"'
        headers = {**_HEADERS, "ETag": tag, "Vary": "Accept, Accept-Encoding"}
        if _has(request.headers, tag):
            return Response(None, 304, headers)
        if packs:
            headers["Content-Encoding"] = "gzip"
        return Response(file.packed if packs else file.data, 200, headers, file.kind)


def _minified(path: str, data: bytes) -> _File:
    suffix = PurePosixPath(path).suffix
    if (smaller := _SMALLER.get(suffix)) is not None:
        data = smaller(data.decode()).encode()
    packed = gzip.compress(data, 9, mtime=0) if suffix in _PACKED else data
    return _File(_TYPES[suffix], data, packed if len(packed) < len(data) else None, sha256(data).hexdigest()[:20])


def _takes_gzip(headers: Headers) -> bool:
    """Return whether the request accepts gzip (RFC 9110, 12.5.3)."""
    for item in ",".join(headers.getlist("accept-encoding")).lower().split(","):
        coding, *parameters = (word.strip() for word in item.split(";"))
        if coding in ("gzip", "x-gzip", "*"):
            return not any(word.startswith("q=0") and not word[3:].strip(".0") for word in parameters)
    return False


def _has(headers: Headers, tag: str) -> bool:
    """Return whether the browser has the current copy (RFC 9110, 13.1.2)."""
    known = [word.strip().removeprefix("W/") for word in ",".join(headers.getlist("if-none-match")).split(",")]
    return "*" in known or tag in known
