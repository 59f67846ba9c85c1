"""The form in a real browser: by keyboard alone, on a phone, and as WCAG 2.2 AA wants it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.intake.clients import ON_SQLITE, Served, arrived, records

pytestmark = [pytest.mark.browser, ON_SQLITE]
COMPUTED = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
DESKTOP, PHONE, NARROWEST = (1200, 900), (375, 800), (320, 640)
MOST_TABS = 60


def address(served: Served, path: str) -> str:
    return str(served.client.base_url).rstrip("/") + path


@dataclass
class Person:
    """Somebody at a keyboard; counts the answers given and the other keys pressed."""

    tab: Any
    answers: int = 0
    moves: int = 0

    def focus(self) -> str:
        return str(self.tab.evaluate("document.activeElement.id || document.activeElement.name"))

    def press(self, key: str) -> None:
        self.tab.keyboard.press(key)

    def go_to(self, name: str) -> None:
        for _ in range(MOST_TABS):
            if self.focus() == name:
                return
            self.press("Tab")
            self.moves += 1
        raise AssertionError(f"no way to {name} by keyboard")

    def choose(self, name: str, *, further: int = 0) -> None:
        """Choose an answer of a group, so many after the first."""
        self.go_to(name)
        for _ in range(further):
            self.press("ArrowDown")
            self.moves += 1
        if not further:
            self.press("Space")
        self.answers += 1

    def write(self, name: str, text: str) -> None:
        self.go_to(name)
        self.tab.keyboard.type(text)
        # Any list of suggestions is closed, as a person would.
        self.press("Escape")
        self.answers += 1

    def send(self) -> None:
        self.go_to("send")
        with self.tab.expect_navigation():
            self.press("Enter")
        self.answers += 1


@pytest.fixture
def tabs(browser: Any, served: Served) -> Iterator[Any]:
    """Open tabs of a size."""
    opened = []

    def open_tab(size: tuple[int, int] = DESKTOP, *, path: str = "/report") -> Any:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        opened.append(context)
        tab = context.new_page()
        tab.goto(address(served, path))
        return tab

    yield open_tab
    for context in opened:
        context.close()


def fill(person: Person) -> None:
    person.choose("when")
    person.write("place", "Leeds")
    person.choose("substance_unknown")
    person.choose("effect")
    person.choose("seriousness", further=2)


def test_five_answers_by_keyboard_alone_send_a_report(tabs: Any, served: Served) -> None:
    person = Person(tabs())

    fill(person)
    person.send()

    assert person.tab.title().startswith("Report received")
    assert person.answers == 6
    assert person.moves <= 45
    served.keep_all()
    [record] = records(served.settings)
    assert (record.area_code, record.grade) == ("E08000035", "G0")


def test_mistakes_get_the_focus_lead_to_their_fields_and_keep_the_draft(
    tabs: Any, served: Served
) -> None:
    person = Person(tabs())
    person.write("substance", "blue tablets")
    person.send()
    tab = person.tab

    assert tab.title().startswith("Error: ")
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "alert"
    links = tab.locator(".problem a")
    assert links.all_text_contents() == [
        "Say when it happened",
        "Say where it happened, or that you are not sure",
        "Say what happened",
        "Say how serious it was",
    ]
    person.press("Tab")
    person.press("Enter")
    assert tab.evaluate("location.hash") == "#when"
    person.press("Space")
    assert tab.locator("#when").is_checked()
    assert tab.locator("#substance").input_value() == "blue tablets"

    person.choose("place_unknown")
    person.choose("effect")
    person.choose("seriousness")
    person.send()

    assert tab.title().startswith("Report received")
    assert len(arrived(served.settings)) == 1


def test_what_came_of_it_can_be_asked_by_keyboard(tabs: Any, served: Served) -> None:
    person = Person(tabs())
    fill(person)
    person.send()
    reference = person.tab.locator("#reference").text_content()
    secret = person.tab.locator("#secret").text_content()
    served.keep_all()

    person.tab.goto(address(served, "/report/status"))
    person.write("reference", reference.lower())
    person.write("secret", secret)
    person.send()

    assert "Checked and accepted." in person.tab.locator("main").text_content()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROWEST])
def test_every_page_keeps_what_can_be_computed_of_wcag(
    size: tuple[int, int], tabs: Any, served: Served
) -> None:
    person = Person(tabs(size))
    tab = person.tab
    found = {"form": tab.evaluate(COMPUTED)}
    person.send()
    found["mistakes"] = tab.evaluate(COMPUTED)
    person.go_to("when")
    fill(person)
    person.send()
    found["sent"] = tab.evaluate(COMPUTED)
    reference, secret = (tab.locator(f"#{name}").text_content() for name in ("reference", "secret"))
    tab.goto(tab.locator("main a").first.evaluate("link => link.href"))
    found["status"] = tab.evaluate(COMPUTED)
    person.write("reference", reference)
    person.write("secret", secret)
    person.send()
    found["progress"] = tab.evaluate(COMPUTED)

    assert tab.title().startswith("Report ")
    assert {page: faults for page, faults in found.items() if faults} == {}
    assert len(arrived(served.settings)) == 1


def test_text_twice_as_large_stays_within_a_phone(tabs: Any) -> None:
    tab = tabs(PHONE)

    tab.evaluate("document.documentElement.style.fontSize = '200%'")

    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_focus_is_always_seen(tabs: Any) -> None:
    person = Person(tabs())
    outlines = set()

    for _ in range(12):
        person.press("Tab")
        outlines.add(
            person.tab.evaluate(
                "(({outlineStyle, outlineWidth}) => `${outlineStyle} ${outlineWidth}`)"
                "(getComputedStyle(document.activeElement))"
            )
        )

    assert outlines == {"solid 3px"}


def test_the_form_needs_no_script_and_nothing_from_elsewhere(browser: Any, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    requests: list[str] = []
    problems: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: problems.append(message.text))
    tab.goto(address(served, "/report"))

    tab.locator("#when").check()
    tab.locator("#place").fill("Leeds")
    tab.locator("#substance").fill("blue tablets")
    tab.locator("#effect").check()
    tab.locator("#seriousness").check()
    tab.locator("#send").click()

    assert tab.locator("h1").text_content() == "Report received"
    assert problems == []
    assert all(url.startswith(str(served.client.base_url)) for url in requests)
    context.close()


def test_the_list_of_places_is_offered_and_the_trap_is_out_of_the_way(tabs: Any) -> None:
    tab = tabs()

    offered = tab.locator("#places option").count()
    trap = tab.locator("#website")

    assert offered > 200
    assert tab.locator("#place").get_attribute("list") == "places"
    assert trap.get_attribute("tabindex") == "-1"
    assert trap.bounding_box()["x"] < 0
