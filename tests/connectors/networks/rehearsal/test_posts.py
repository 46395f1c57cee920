"""The rehearsal's posts: text, people, pictures, polls and quotes, as in the archive."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from connectors.contract import Choice, Person
from connectors.networks.rehearsal.parts import picture_source
from connectors.networks.rehearsal.reading import open_archive
from tests.connectors.networks.rehearsal.small_archive import ARCHIVES, BASE, SMALL, START, at, ids, names, said


async def test_post_has_safe_words_with_linked_tags() -> None:
    post = await said("early", 0)
    assert post.html == (
        '<p>First &lt;here&gt;. <a class="hashtag" href="https://quay.example/tags/Small" target="_blank" '
        'rel="nofollow noopener noreferrer ugc">#Small</a> <a class="hashtag" href="https://quay.example/tags/small" '
        'target="_blank" rel="nofollow noopener noreferrer ugc">#small</a> &amp; <a href="https://quay.example/#top" '
        'target="_blank" rel="nofollow noopener noreferrer ugc">https://quay.example/#top</a></p>'
    )
    assert post.tags == ("small",)
    assert post.url == "https://quay.example/@ada/early"


async def test_post_names_people_emoji_and_what_it_answers() -> None:
    post = await said("hello", 0)
    name = open_archive(str(SMALL)).name
    assert [(mention.handle, mention.url) for mention in post.mentions] == [
        ("@ada@quay.example", "https://quay.example/@ada")
    ]
    assert post.emojis == {"wave": f"rehearsal:{name}/pictures/quay.png"}
    assert post.reply_to == BASE.format(name) + "early"
    assert post.author == Person(name="Bo :wave:", handle="@bo@pier.example", url="https://pier.example/@bo", bot=True)
    assert (post.warning, post.sensitive, post.lang) == ("Greetings", True, "en")


async def test_post_shows_only_pictures_that_lie_in_the_archive() -> None:
    page = await at(0)
    media = page.posts[1].media
    assert [(each.kind, each.url.partition("/")[2], each.alt, each.focus) for each in media] == [
        ("image", "pictures/quay.png", "A teal quay.", (0.5, -0.5)),
        ("audio", "/quay.example/1.mp3", "Waves.", None),
    ]
    assert page.broken == (
        "Line 1: missing picture “pictures/none.png” beside the archive.",
        "Line 6: missing picture “../../escape.png” beside the archive.",
    )


async def test_keys_and_pictures_do_not_tell_where_the_archive_lies() -> None:
    assert str(ARCHIVES).encode() not in msgspec.json.encode((await at(100)).posts)


async def test_html_is_cleaned_and_a_title_kept() -> None:
    post = await said("quoting", 49)
    assert (post.title, post.url) == ("On tea", "https://pier.example/on-tea")
    assert post.html == "<p>Yes <b>tea</b> #small</p>"


async def test_wish_in_a_bio_is_passed_on() -> None:
    assert (await said("quoting", 49)).opted_out == "The author asks to be left out: #nobot stands in their profile."
    assert (await said("early", 0)).opted_out == ""


async def test_quote_follows_what_it_quotes_until_that_is_gone() -> None:
    before = await said("quoting", 49)
    assert before.quote is not None
    assert before.quote.html.startswith("<p>Hello ")
    page = await at(55, (await at(49)).cursor)
    assert names(list(page.gone)) == ["hello"]
    assert [(names([post.key]), post.quote) for post in page.posts] == [(["quoting"], None)]


async def test_edit_changes_only_the_fields_that_it_names() -> None:
    post = await said("early", 31)
    assert (post.warning, post.lang, post.edited_at) == ("An edit", "en", START + timedelta(seconds=31))
    assert post.html.startswith("<p>First, edited.")
    assert post.card is not None
    assert post.card.title == "The quay"


async def test_votes_grow_and_close_the_poll() -> None:
    polls = [(await said("vote", seconds)).poll for seconds in (10, 20, 60)]
    assert [(poll.choices, poll.votes, poll.voters, poll.closed) for poll in polls if poll] == [
        ((Choice(title="Yes", votes=0), Choice(title="No", votes=0)), 0, None, False),
        ((Choice(title="Yes", votes=3), Choice(title="No", votes=1)), 4, 4, False),
        ((Choice(title="Yes", votes=5), Choice(title="No", votes=2)), 7, 7, True),
    ]


async def test_card_carries_the_archives_picture() -> None:
    card = (await said("vote", 10)).card
    assert card is not None
    assert picture_source(card.picture) == (open_archive(str(SMALL)).name, "pictures/quay.png")


async def test_something_said_aside_comes_only_by_a_boost() -> None:
    before = await at(39)
    assert "aside" not in ids(before)
    page = await at(45, before.cursor)
    assert ids(page) == ["aside"]
    assert {key: person.name for key, person in page.boosts.items()} == {page.posts[0].key: "Ada Quay"}
    assert page.gone == ()
