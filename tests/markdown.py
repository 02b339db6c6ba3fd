"""Reading the documentation: its files, their sections, tables, code and links."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
AT_THE_ROOT = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md")  # received files land there, too
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for pattern in (*AT_THE_ROOT, "docs/**/*.md", "bench/**/*.md")
    for path in sorted(ROOT.glob(pattern))
}
"""Every document, by its path from the project's root."""

Row = list[str]


def lines_of(document: str) -> list[tuple[str, bool]]:
    """Return the lines of `document`, each with whether it is code; fences are."""
    lines, is_code = [], False
    for line in document.splitlines():
        is_fence = line.startswith("```")
        is_code ^= is_fence
        lines.append((line, is_code or is_fence))
    return lines


def code(document: str) -> list[str]:
    """Return the lines of code."""
    return [line for line, is_code in lines_of(document) if is_code and not line.startswith("```")]


def blocks(document: str, language: str) -> list[str]:
    """Return each block of code that is marked as being in `language`, "" for one without a mark."""
    fences = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", document, re.MULTILINE | re.DOTALL)
    return [content for mark, content in fences if mark == language]


def prose(document: str) -> str:
    """Return all that is not code."""
    return "\n".join(line for line, is_code in lines_of(document) if not is_code)


def section(document: str, heading: str) -> str:
    """Return what stands under `heading`, up to the next heading of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found: list[str] | None = None
    for line, is_code in lines_of(document):
        if not is_code and line == heading:
            found = []
        elif found is not None:
            if not is_code and re.match(f"#{{1,{level}}} ", line):
                break
            found.append(line)
    assert found is not None, f"there is no heading {heading}"
    return "\n".join(found)


def tables(text: str) -> list[list[Row]]:
    """Return the tables in `text`: the cells of each row, without the head."""
    found: list[list[Row]] = [[]]
    for line in [*prose(text).splitlines(), ""]:
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line[1:-1].split("|")])
        elif found[-1]:
            found.append([])
    return [table[2:] for table in found if table]


def unquoted(cell: str) -> str:
    """Return what stands between a cell's backticks."""
    found = re.fullmatch("`([^`]+)`", cell)
    assert found is not None, cell
    return found[1]


def links(document: str) -> list[str]:
    """Return where the links and images of `document` lead."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(document))


def anchors(document: str) -> list[str]:
    """Return the anchors that the headings get."""
    headings = re.findall("^#{1,6} (.*)$", prose(document), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
