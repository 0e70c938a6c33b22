"""A picture that a reader brings: a file, a drop, the clipboard, the camera, an example, a link."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from site_builder.manifest import Project
from site_builder.png import data_address
from tests.browser.conftest import Open, Server, all_live, file_address, violations

Serve = Callable[..., Server]
Colour = tuple[int, int, int]


@pytest.fixture
def site(inputs_project: Project) -> Path:
    return inputs_project.root / "site"


@pytest.fixture
def page(open_page: Open, site: Path) -> Page:
    return opened(open_page, site)


def opened(open_page: Open, site: Path, link: str = "", **options: Any) -> Page:
    page, _ = open_page(file_address(site) + link, **options)
    all_live(page)
    return page


def control(page: Page, name: str = "photo") -> Locator:
    return page.locator(f"explorable-input[name='photo.{name}']")


def status(page: Page, name: str = "photo") -> Locator:
    return control(page, name).get_by_role("status")


def preview(page: Page, name: str = "photo") -> Locator:
    return control(page, name).locator(".explorable-preview > canvas")


def levels(page: Page, name: str = "photo") -> list[int]:
    """The tensor in 256 levels, channel by channel."""
    found: list[int] = page.evaluate(
        "async name => { const e = explorables.get('photo'); await e.ready; await e.set({});"
        " return Array.from(e.inputs[name], level => Math.round(level * 255)) }",
        name,
    )
    return found


def colours(page: Page) -> list[Colour]:
    """The mean colours of the tensor's left and right half."""
    plane = 12 * 16
    found = levels(page)
    halves = []
    for half in (0, 1):
        places = [y * 16 + x for y in range(12) for x in range(8 * half, 8 * half + 8)]
        means = [sum(found[c * plane + at] for at in places) / len(places) for c in range(3)]
        halves.append((round(means[0]), round(means[1]), round(means[2])))
    return halves


def png(width: int, height: int, left: Colour, right: Colour) -> bytes:
    """A picture of two halves."""
    row = b"".join(bytes((*(left if x < width / 2 else right), 255)) for x in range(width))
    return base64.b64decode(data_address(row * height, height, width).partition(",")[2])


RED, BLUE = (255, 0, 0), (0, 0, 255)
FLAG = png(64, 48, RED, BLUE)


def choose(page: Page, file: bytes, *, name: str = "flag.png", at: str = "photo") -> None:
    payload: FilePayload = {"name": name, "mimeType": "image/png", "buffer": file}
    control(page, at).locator("input[type=file]").set_input_files(payload)


def test_a_file_becomes_the_tensor_and_the_model_follows(page: Page) -> None:
    choose(page, FLAG)
    expect(status(page)).to_have_text("This is flag.png.")
    assert colours(page) == [RED, BLUE]
    expect(page.locator("explorable-value[name='photo.red']")).to_have_text("50%")
    expect(preview(page)).to_have_accessible_name("Photo: your own picture")
    painted = preview(page).evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(7, 5, 2, 1).data]"
    )
    assert painted == [255, 0, 0, 255, 0, 0, 255, 255]
    expect(control(page).get_by_role("radio", checked=True)).to_have_count(0)


def test_the_edges_of_the_picture_are_where_its_halves_meet(page: Page) -> None:
    choose(page, png(64, 48, (0, 0, 0), (255, 255, 255)))
    expect(status(page)).to_have_text("This is flag.png.")
    levels(page)
    row = page.evaluate("Array.from(explorables.get('photo').outputs.edges[5])")
    assert [round(each, 3) for each in row] == [0.0] * 7 + [16.0, 16.0] + [0.0] * 7


def test_a_wide_picture_is_cut_and_one_that_must_be_contained_is_not(page: Page) -> None:
    wide = png(160, 48, (255, 255, 255), (255, 255, 255))
    choose(page, wide)
    expect(status(page)).to_have_text("This is flag.png.")
    assert set(levels(page)) == {255}
    choose(page, wide, at="big")
    expect(status(page, "big")).to_contain_text("This is flag.png.")
    found = levels(page, "big")
    rows = [found[120 * y : 120 * y + 120] for y in range(120)]
    assert [max(row) for row in rows] == [0] * 42 + [255] * 36 + [0] * 42


def test_a_file_is_dropped(page: Page) -> None:
    assert drop(page, FLAG, "dragover") is False
    expect(control(page)).to_have_class("explorable-dropping")
    assert drop(page, FLAG, "drop") is False
    expect(status(page)).to_have_text("This is flag.png.")
    expect(control(page)).not_to_have_class("explorable-dropping")
    assert colours(page) == [RED, BLUE]


def drop(page: Page, file: bytes, event: str) -> Any:
    """Whether the browser goes on to do what it does with files: show them in the page's stead."""
    return control(page).evaluate(
        "(control, [file, event]) => {"
        "const data = new DataTransfer();"
        "const bytes = Uint8Array.from(atob(file), one => one.charCodeAt(0));"
        "data.items.add(new File([bytes], 'flag.png', {type: 'image/png'}));"
        "return control.querySelector('canvas').dispatchEvent(new DragEvent(event,"
        " {dataTransfer: data, bubbles: true, cancelable: true})) }",
        [base64.b64encode(file).decode(), event],
    )


def test_a_picture_is_pasted_from_the_clipboard(open_page: Open, site: Path, serve: Serve) -> None:
    server = serve(site)
    page, _ = open_page(
        server.address, home=server.address, permissions=["clipboard-read", "clipboard-write"]
    )
    all_live(page)
    page.evaluate(
        "file => navigator.clipboard.write([new ClipboardItem({'image/png': new Blob("
        "[Uint8Array.from(atob(file), one => one.charCodeAt(0))], {type: 'image/png'})})])",
        base64.b64encode(FLAG).decode(),
    )
    control(page).get_by_role("button", name="Clear").focus()
    page.keyboard.press("Control+v")
    expect(status(page)).to_contain_text("This is ")
    assert colours(page) == [RED, BLUE]
    page.evaluate("navigator.clipboard.writeText('a word')")
    page.keyboard.press("Control+v")
    expect(status(page)).to_have_text("What was pasted is no picture. The picture stays as it was.")
    assert colours(page) == [RED, BLUE]


def test_a_picture_is_turned_as_its_camera_was_held(page: Page) -> None:
    encoded = page.evaluate(
        "file => new Promise(done => { const image = new Image(); image.onload = () => {"
        "const canvas = document.createElement('canvas'); canvas.width = 64; canvas.height = 48;"
        "canvas.getContext('2d').drawImage(image, 0, 0);"
        "done(canvas.toDataURL('image/jpeg', 1).split(',')[1]) };"
        "image.src = 'data:image/png;base64,' + file })",
        base64.b64encode(FLAG).decode(),
    )
    jpeg = base64.b64decode(encoded)
    tiff = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, 3, 0) + b"\0" * 4
    body = b"Exif\0\0" + tiff  # orientation 3: half a turn
    upside_down = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    choose(page, upside_down, name="turned.jpg")
    expect(status(page)).to_have_text("This is turned.jpg.")
    (left_red, _, left_blue), (right_red, _, right_blue) = colours(page)
    assert min(left_blue, right_red) > 240
    assert max(left_red, right_blue) < 20


HUGE = FLAG[:16] + struct.pack(">II", 10_000, 8_000) + FLAG[24:]
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned=1'><script>1</script></svg>"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"just words", "x: This is no picture of a kind that is read here: PNG, JPEG, GIF, WebP,"),
        (SVG, "x: This is no picture of a kind that is read here"),
        (b"", "x: This is no picture of a kind that is read here"),
        (FLAG[:60], "x: The picture is damaged, or of a kind that this browser can't read."),
        (FLAG[:20], "x: The picture is damaged"),
        (HUGE, "x: The picture has 80 megapixels; up to 40 are read. Make it smaller first."),
    ],
    ids=["words", "svg", "empty", "damaged", "cut off", "huge"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_sentence(page: Page, file: bytes, said: str) -> None:
    before = levels(page)
    choose(page, file, name="x")
    expect(status(page)).to_contain_text(said)
    expect(status(page)).to_contain_text("The picture stays as it was.")
    assert levels(page) == before
    assert page.evaluate("window.pwned") is None


def test_the_same_file_can_be_chosen_again_once_it_is_mended(page: Page) -> None:
    choose(page, b"words")
    expect(status(page)).to_contain_text("no picture")
    expect(control(page).locator("input[type=file]")).to_have_value("")  # else it is no change
    choose(page, FLAG)
    expect(status(page)).to_have_text("This is flag.png.")


def test_an_example_is_picked_and_cleared_by_keyboard(page: Page) -> None:
    radio = control(page).get_by_role("radio", name="a sun")
    expect(radio).to_be_checked()
    radio.focus()
    page.keyboard.press("ArrowDown")
    expect(control(page).get_by_role("radio", name="stripes")).to_be_checked()
    expect(preview(page)).to_have_accessible_name("Photo: stripes")
    clear = control(page).get_by_role("button", name="Clear")
    clear.press("Enter")
    expect(preview(page)).to_have_accessible_name("Photo: all black")
    assert set(levels(page)) == {0}
    expect(page.locator("explorable-value[name='photo.red']")).to_have_text("0%")


CAMERA = """
navigator.mediaDevices.getUserMedia = async wishes => {
  window.asked = wishes;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 48];
  const context = canvas.getContext('2d');
  const paint = () => {
    context.fillStyle = '#00ff00';
    context.fillRect(0, 0, 64, 48);
    requestAnimationFrame(paint);
  };
  paint();
  window.stream = canvas.captureStream(30);
  return window.stream;
};
"""
LIVE = "stream.getTracks().filter(track => track.readyState === 'live').length"


@pytest.fixture
def filming(open_page: Open, site: Path) -> Page:
    """A page with a camera before a green wall."""
    return opened(open_page, site, before=lambda page: page.add_init_script(CAMERA))


def test_the_camera_takes_a_picture_and_goes_off(filming: Page) -> None:
    page = filming
    use = control(page).get_by_role("button", name="Use the camera")
    assert page.evaluate("window.asked") is None
    use.press("Enter")
    ways = control(page).get_by_role("group", name="Photo")
    take = ways.get_by_role("button", name="Take the picture")
    expect(take).to_be_focused()
    expect(control(page).locator("video")).to_be_visible()
    expect(preview(page)).to_be_hidden()
    assert "audio" not in page.evaluate("asked")
    page.wait_for_function("document.querySelector('video').videoWidth > 0")
    take.press("Enter")
    expect(status(page)).to_have_text("This is your photograph.")
    assert page.evaluate(LIVE) == 0
    expect(use).to_be_focused()
    expect(preview(page)).to_be_visible()
    for red, green, blue in colours(page):
        assert green > 240
        assert max(red, blue) < 20


def test_the_camera_stops_when_asked_and_when_nobody_looks(filming: Page) -> None:
    page = filming
    use = control(page).get_by_role("button", name="Use the camera")
    stop = control(page).get_by_role("button", name="Stop the camera")
    use.click()
    stop.click()
    expect(stop).to_be_hidden()
    assert page.evaluate(LIVE) == 0
    use.click()
    expect(stop).to_be_visible()
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(stop).to_be_hidden()
    assert page.evaluate(LIVE) == 0
    page.evaluate("delete document.visibilityState")
    use.click()
    expect(stop).to_be_visible()
    page.evaluate("document.querySelector('explorable-input[name=\"photo.photo\"]').remove()")
    assert page.evaluate(LIVE) == 0


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})",
         "only to pages with a secure address (https)"),
        ("navigator.mediaDevices.getUserMedia = async () => "
         "{ throw new DOMException('', 'NotAllowedError') }", "The browser did not allow"),
        ("navigator.mediaDevices.getUserMedia = async () => "
         "{ throw new DOMException('', 'NotReadableError') }", "another program may be using it"),
        ("", "There is no camera, or choose a file."),
    ],
    ids=["insecure", "refused", "busy", "absent"],
)  # fmt: skip
def test_a_camera_that_cannot_be_had_is_told_in_a_sentence(
    open_page: Open, site: Path, before: str, said: str
) -> None:
    page = opened(
        open_page, site, before=lambda page: page.add_init_script(before), permissions=["camera"]
    )
    use = control(page).get_by_role("button", name="Use the camera")
    use.click()
    expect(status(page)).to_contain_text(said)
    expect(status(page)).to_contain_text("The picture stays as it was.")
    expect(use).to_be_enabled()


def test_the_link_holds_an_example_by_number_and_an_own_picture_whole(
    open_page: Open, site: Path, page: Page
) -> None:
    control(page).get_by_role("radio", name="stripes").check()
    page.wait_for_function("location.hash === '#photo.photo=1'")
    choose(page, FLAG)
    page.wait_for_function("location.hash.startsWith('#photo.photo=p')")
    again = opened(open_page, site, page.evaluate("location.hash"))
    assert levels(again) == levels(page)
    expect(preview(again)).to_have_accessible_name("Photo: your own picture")


def test_a_picture_too_large_for_a_link_stays_on_this_machine_and_the_page_says_so(
    page: Page,
) -> None:
    choose(page, png(200, 200, RED, BLUE), at="big")
    expect(status(page, "big")).to_have_text(
        "This is flag.png. It is too large for a link: "
        "whoever follows one sees the opening picture."
    )
    control(page).get_by_role("radio", name="stripes").check()
    page.wait_for_function("location.hash === '#photo.photo=1'")
    assert max(levels(page, "big")) > 0


def test_a_link_in_the_page_shows_an_example_and_back_takes_it_away(page: Page) -> None:
    page.get_by_role("link", name="stripes").click()
    expect(preview(page)).to_have_accessible_name("Photo: stripes")
    page.go_back()
    expect(preview(page)).to_have_accessible_name("Photo: a sun")
    page.go_forward()
    expect(preview(page)).to_have_accessible_name("Photo: stripes")


@pytest.mark.parametrize("text", ["9", "p", "pAAAA", "p%3Csvg%3E", "<img src=x>", "-1"])
def test_a_hostile_picture_of_a_link_is_ignored_with_a_sentence(
    open_page: Open, site: Path, text: str
) -> None:
    page = opened(open_page, site, f"#photo.photo={text}")
    expect(page.locator(".explorable-notice")).to_contain_text("photo.photo")
    expect(preview(page)).to_have_accessible_name("Photo: a sun")
    assert page.locator("article img").count() == 0


def test_under_a_policy_without_data_and_blob_addresses_pictures_are_read_all_the_same(
    open_page: Open, site: Path, serve: Serve
) -> None:
    server = serve(site)
    server.policy[0] = (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"
    )
    page, watch = open_page(server.address, home=server.address)
    watch.allowed.append("Content Security Policy")
    all_live(page)
    choose(page, FLAG)
    expect(status(page)).to_have_text("This is flag.png.")
    assert colours(page) == [RED, BLUE]


def test_nothing_leaves_the_machine_and_the_page_says_so(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file = control(page).locator("input[type=file]")
    expect(file).to_have_accessible_name("Choose a picture")
    assert "stays on this machine: nothing is sent" in (
        file.evaluate(
            "f => document.getElementById(f.getAttribute('aria-describedby')).textContent"
        )
    )
    choose(page, FLAG)
    expect(status(page)).to_have_text("This is flag.png.")
    assert asked == []


def test_without_scripts_the_opening_picture_is_shown(open_page: Open, site: Path) -> None:
    page, _ = open_page(file_address(site), java_script_enabled=False)
    expect(control(page).get_by_role("img", name="Photo: a sun")).to_be_visible()
    expect(control(page).get_by_role("button").first).to_be_hidden()
    expect(control(page).get_by_role("radio").first).to_be_hidden()
    note = page.locator(".explorable-note", has_text="The controls need JavaScript").last
    expect(note).to_be_visible()


def test_coming_alive_moves_nothing(open_page: Open, site: Path) -> None:
    still, watch = open_page(
        file_address(site),
        before=lambda page: page.route("**/explorables.js", lambda route: route.abort()),
    )
    watch.allowed.append("ERR_FAILED")
    live = opened(open_page, site)
    boxes = (
        "() => [...document.querySelectorAll('explorable-input > *')].filter(e => !e.hidden)"
        ".map(e => { const b = e.getBoundingClientRect(); return [b.width, b.height] })"
    )
    assert live.evaluate(boxes) == still.evaluate(boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Open, site: Path, scheme: str) -> None:
    page = opened(
        open_page, site, color_scheme=scheme, before=lambda page: page.add_init_script(CAMERA)
    )
    choose(page, b"words")
    expect(status(page)).to_be_visible()
    control(page, "big").get_by_role("button", name="Use the camera").click()
    expect(control(page, "big").locator("video")).to_be_visible()
    assert violations(page) == []


def test_on_a_phone_nothing_is_wider_than_the_page(open_page: Open, site: Path) -> None:
    page = opened(open_page, site, viewport={"width": 360, "height": 740})
    choose(page, b"words", name="a-name-without-any-space-" * 8)
    expect(status(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for button in control(page).locator("button:visible, .explorable-csv").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
