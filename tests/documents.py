"""The documentation as tests see it: its files, their blocks of code, and what stands between backticks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parent.parent

PATHS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "models" / "README.md",
    ROOT / "examples" / "CREDITS.md",
    ROOT / "integrations" / "comfyui" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code.  name: its document and line.  printed: the plain block right below Python, its output."""

    name: str
    language: str
    text: str
    printed: str | None = None

    @property
    def lines(self) -> list[list[str]]:
        """Words of each command, as a shell splits them; comments and continued lines are taken care of."""
        commands = self.text.replace("\\\n", " ").splitlines()
        return [arguments for arguments in (shlex.split(line, comments=True) for line in commands) if arguments]


@dataclass(frozen=True)
class Document:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """All of it, without the block of settings on top of a README."""
        return re.sub(r"\A---\n.*?\n---\n+", "", self.path.read_text(), flags=re.DOTALL)

    @property
    def prose(self) -> str:
        """Without its blocks of code."""
        return _BLOCK.sub("", self.text)

    @property
    def spans(self) -> list[str]:
        """What stands between backticks, on one line or two."""
        return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", self.prose)]

    @property
    def anchors(self) -> set[str]:
        """Where a link can lead inside it, as GitHub makes them of headings."""
        headings = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    @property
    def links(self) -> list[str]:
        """Targets of links and pictures."""
        without_spans = re.sub(r"`[^`]+`", "", self.prose)
        targets = re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", without_spans)
        return [link or source for link, source in targets]

    def blocks(self) -> list[Block]:
        """Its blocks of code, in their order."""
        blocks: list[Block] = []
        end_before = 0
        for match in _BLOCK.finditer(self.text):
            language, text = match.groups()
            is_adjacent = not self.text[end_before : match.start()].strip()
            if blocks and is_adjacent and not language and blocks[-1].language == "python":
                blocks[-1] = replace(blocks[-1], printed=text)
            else:
                line = self.text[: match.start()].count("\n") + 1
                blocks.append(Block(f"{self.name}:{line}", language, text))
            end_before = match.end()
        return blocks


DOCUMENTS = tuple(map(Document, PATHS))

BLOCKS = tuple(block for document in DOCUMENTS for block in document.blocks())


def commands() -> Iterator[tuple[str, list[str]]]:
    """(where, arguments) of every command in the documentation, in blocks for a shell and between backticks."""
    for block in BLOCKS:
        if block.language == "sh" and "curl" not in block.text:
            yield from ((block.name, arguments) for arguments in block.lines)
    for document in DOCUMENTS:
        for span in document.spans:
            if re.match(r"(gramarye|python|scripts/\S+|pip|docker) ", span):
                yield document.name, shlex.split(span)
