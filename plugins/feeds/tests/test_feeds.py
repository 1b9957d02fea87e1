from __future__ import annotations
import pytest
from wiki_feeds import Feeds

@pytest.fixture(autouse=True)
def feeds(plugin): plugin(Feeds)

def test_it(client, page, wiki):
    page("a", "# A\n\nhello *there* & <b>x</b>\n")
    page("guides/b", "---\nsummary: About B\ntags: [t]\n---\nhello")
    page("a", "# A <i>\n\nhello again\n")
    for u in ("/-/feed.atom", "/-/feed/a.atom?full=1", "/-/feed.atom?in=guides/", "/-/feed.atom?tag=t", "/-/feed.atom?q=hello", "/-/p/feeds/feed.atom", "/-/p/feeds/", "/sitemap.xml", "/robots.txt"):
        r = client.get(u)
        print(u, r.status, r.headers, r.text[:3000])
    print(client.get("/a").text[:1500])
    assert 0
