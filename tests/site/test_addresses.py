"""What was once published stays where it was."""

from tools.site import places
from tools.source import config


def test_no_address_has_disappeared(site):
    published = set(places.LIST.read_text("utf-8").split())
    for edition in config.editions(places.ROOT):
        there = places.places(site.root, edition) | places.MOVED.keys()
        gone = sorted(published - there)
        assert not gone, f"{edition.name}: an old label stays as `[]{{#sec-old}}`: {gone}"


def test_every_address_is_in_the_list(site):
    published = set(places.LIST.read_text("utf-8").split())
    for edition in config.editions(places.ROOT):
        new = sorted(places.places(site.root, edition) - published)
        assert not new, f"`make book && python -m tools.site.places` adds them: {new}"
