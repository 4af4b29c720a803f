"""Reads a page as browsers do, and fails when it is no page that stands for itself."""

import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}
# What could load something, run something, or lead away.
FORBIDDEN_TAGS = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "a", "audio", "video"}
FORBIDDEN_ATTRIBUTES = {"src", "href", "srcset", "action", "data", "poster", "background", "ping"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.policy, self.ids, self.style = [], [], None, [], ""
        self.tags = {}

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        assert tag not in FORBIDDEN_TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on") and name not in FORBIDDEN_ATTRIBUTES, (tag, name)
            if name == "style":
                assert re.fullmatch(r"(left|width):[0-9.]+%", value), value
            if name == "id":
                self.ids.append(value)
            if name == "title":
                self.text.append(value)
        attributes = dict(attrs)
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag not in VOID and tag != "polyline":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID or tag == "polyline", tag
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text.append(data)


page = Page()
source = open(sys.argv[1], encoding="utf-8").read()
page.feed(source)
page.close()
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)), page.ids
assert "default-src 'none'" in page.policy, page.policy
assert not re.search(r"url\(|@import|https?:|javascript:", source), "a reference to outside"
assert "prefers-color-scheme: dark" in page.style and "@media print" in page.style
json.dump({"text": " ".join("".join(page.text).split()), "tags": page.tags, "bytes": len(source.encode())}, sys.stdout)
