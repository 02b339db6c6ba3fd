"""The weight of the pages: every file that each loads, compressed as it is sent.

A page's files are found as a browser finds them: by the links and scripts of its HTML, and their imports.
"""

import argparse
import gzip
import http.client
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urljoin

from bench.programs import HOST, BenchError, serving, set_up
from bench.table import table

PAGES = ("/", "/operator")
WEIGHT_BYTES_MAX = 65_536
"""The limit for each page: 64 KiB, compressed, without HTTP headers."""
_LINKS = re.compile(
    rb"""(?:src|href)="([^"#:]+)"|(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]|url\(\s*['"]?([^'")#:]+)['"]?\s*\)"""
)
_ANSWERED_SECONDS_MAX = 10


class File(NamedTuple):
    """One file: its bytes compressed, as they are sent, and uncompressed."""

    packed: int
    whole: int


def weigh(port: int, page: str) -> Mapping[str, File]:
    """Return the files that `page` of the front desk at `port` loads, by path, including the page itself."""
    found: dict[str, File] = {}
    wanted = [page]
    connection = http.client.HTTPConnection(HOST, port, timeout=_ANSWERED_SECONDS_MAX)
    try:
        while wanted:
            path = wanted.pop(0)
            if path in found:
                continue
            packed, content = _fetch(connection, path)
            found[path] = File(len(packed), len(content))
            if path == page or path.endswith((".js", ".css")):
                wanted += [urljoin(path, next(filter(None, link)).decode()) for link in _LINKS.findall(content)]
                wanted = [each for each in wanted if each.startswith("/web/")]
    finally:
        connection.close()
    return found


def _fetch(connection: http.client.HTTPConnection, path: str) -> tuple[bytes, bytes]:
    connection.request("GET", path, headers={"Accept": "text/html, */*;q=0.8", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    packed = answer.read()
    if answer.status != http.client.OK:
        raise BenchError(f"{path} is answered with {answer.status}")
    return packed, gzip.decompress(packed) if answer.headers["Content-Encoding"] == "gzip" else packed


def total(files: Mapping[str, File]) -> File:
    """Return the sums."""
    return File(sum(file.packed for file in files.values()), sum(file.whole for file in files.values()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Weigh, and print the table; return the exit status, 1 if a page is too heavy."""
    parser = argparse.ArgumentParser(prog="bench/weight", description=__doc__)
    parser.add_argument("--files", action="store_true", help="a line for each file as well")
    chosen = parser.parse_args(arguments)
    try:
        set_up()
        with serving("memory", 1) as server:
            weighed = {page: weigh(server.front_desk_port, page) for page in PAGES}
    except (BenchError, OSError) as error:
        print(f"bench/weight: {error}", file=sys.stderr)
        return 1
    rows = []
    for page, files in weighed.items():
        all_of_it = total(files)
        rows.append([page, str(len(files)), f"{all_of_it.packed:,}", f"{all_of_it.whole:,}"])
        if chosen.files:
            rows += [["  " + path, "", f"{file.packed:,}", f"{file.whole:,}"] for path, file in sorted(files.items())]
    print(table(["page", "files", "bytes packed", "bytes unpacked"], rows))
    return int(any(total(files).packed > WEIGHT_BYTES_MAX for files in weighed.values()))
