#!/usr/bin/env python3
"""Links of the documentation lead somewhere, to a heading too where one is named."""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page):
    """What a heading is called in a link, by the rule of the common Git hosts."""
    headings = re.findall(r"^#+\s+(.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in LINK.findall(text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists():
            yield f"{target}: there is no such file"
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            yield f"{target}: there is no such heading"


def main():
    pages = [*TOP.glob("*.md"), *(TOP / "docs").glob("**/*.md"), *(TOP / "examples").glob("**/*.md")]
    faults = [f"{page.relative_to(TOP)}: {fault}" for page in pages for fault in broken(page)]
    print("\n".join(faults) or f"{len(pages)} pages, every link leads somewhere")
    return bool(faults) or not pages


if __name__ == "__main__":
    sys.exit(main())
