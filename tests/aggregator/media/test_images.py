"""Converting strangers' pictures, valid and hostile, to two WebP files."""

from __future__ import annotations

import struct
import time
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from aggregator.media.images import MAX_BYTES, BadPicture, Prepared, prepare

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


# --- what we make here ------------------------------------------------------------------------------------------


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *extra: bytes, bits: int = 8, color: int = 2) -> bytes:
    """Return a PNG that claims this size, with only its first few pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0))
    return SIGNATURE + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def quarters() -> Image.Image:
    """Return an image of 60 by 40: red, green, blue, white, from top left to bottom right."""
    image = Image.new("RGB", (60, 40))
    for place, color in (((0, 0), RED), ((30, 0), GREEN), ((0, 20), BLUE), ((30, 20), WHITE)):
        image.paste(color, (*place, place[0] + 30, place[1] + 20))
    return image


def corners(prepared: Prepared) -> list[str]:
    image = opened(prepared.large)
    w, h = image.size
    return [named(image.getpixel(at)) for at in ((4, 4), (w - 5, 4), (4, h - 5), (w - 5, h - 5))]


def named(pixel: object) -> str:
    assert isinstance(pixel, tuple)
    bright = tuple(channel > 127 for channel in pixel[:3])
    return {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}.get(
        bright, "white"
    )


# --- what we show -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "MPO"])
def test_picture_of_each_format_becomes_webp(format_: str) -> None:
    prepared = prepare(encoded(quarters(), format_), "picture")
    assert (opened(prepared.large).format, opened(prepared.small).format) == ("WEBP", "WEBP")
    assert corners(prepared) == ["red", "green", "blue", "white"]
    assert (prepared.width, prepared.height) == (60, 40)


@pytest.mark.parametrize(
    ("purpose", "size", "small", "large"),
    [
        ("picture", (4000, 3000), (480, 360), (1280, 960)),
        ("picture", (800, 600), (480, 360), (800, 600)),
        ("picture", (100, 50), (100, 50), (100, 50)),
        ("picture", (1000, 8000), (120, 960), (320, 2560)),
        ("picture", (1, 1), (1, 1), (1, 1)),
        ("avatar", (400, 400), (96, 96), (192, 192)),
        ("avatar", (1000, 300), (96, 96), (192, 192)),
        ("avatar", (50, 120), (50, 50), (50, 50)),
        ("emoji", (512, 512), (64, 64), (128, 128)),
        ("emoji", (1000, 100), (256, 26), (512, 51)),
        ("emoji", (32, 20), (32, 20), (32, 20)),
    ],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_picture_is_shrunk_for_its_purpose_and_never_enlarged(
    format_: str, purpose: str, size: tuple[int, int], small: tuple[int, int], large: tuple[int, int]
) -> None:
    prepared = prepare(encoded(Image.new("RGB", size, RED), format_), purpose)
    assert (opened(prepared.small).size, opened(prepared.large).size) == (small, large)
    assert (prepared.width, prepared.height) == large


def test_avatar_shows_the_middle() -> None:
    image = Image.new("RGB", (300, 100), RED)
    image.paste(GREEN, (100, 0, 200, 100))
    assert set(corners(prepare(encoded(image, "PNG"), "avatar"))) == {"green"}


@pytest.mark.parametrize(
    ("mode", "color", "pixel"),
    [
        pytest.param("1", 1, (255, 255, 255), id="bits"),
        pytest.param("L", 155, (155, 155, 155), id="grey"),
        pytest.param("LA", (155, 128), (155, 155, 155, 128), id="grey with alpha"),
        pytest.param("P", 0, (0, 0, 0), id="palette"),
        pytest.param("RGBA", (255, 0, 0, 128), (255, 0, 0, 128), id="alpha"),
        pytest.param("RGBA", (255, 0, 0, 255), (255, 0, 0), id="alpha that hides nothing"),
        pytest.param("I;16", 155 * 257, (155, 155, 155), id="16-bit grey"),
    ],
)
def test_picture_of_each_mode_keeps_its_color(mode: str, color: int | tuple[int, ...], pixel: tuple[int, ...]) -> None:
    prepared = prepare(encoded(Image.new(mode, (20, 20), color), "PNG"), "picture")
    found = opened(prepared.large).getpixel((9, 9))
    assert isinstance(found, tuple)
    assert found == pytest.approx(pixel, abs=3)


def test_picture_with_a_see_through_palette_color_keeps_it_so() -> None:
    image = Image.new("P", (20, 20), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(0, (0, 0, 10, 20))
    found = opened(prepare(encoded(image, "PNG", transparency=0), "picture").large).convert("RGBA").getchannel("A")
    assert (found.getpixel((2, 9)), found.getpixel((17, 9))) == (0, 255)


def test_picture_in_cmyk_becomes_srgb() -> None:
    prepared = prepare(encoded(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"), "picture")
    assert named(opened(prepared.large).getpixel((9, 9))) == "red"


def test_picture_of_sixteen_bits_a_channel_keeps_its_color() -> None:
    rows = b"".join(b"\0" + struct.pack(">HHH", 0, 0xFFFF, 0) * 8 for _ in range(8))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
    data = SIGNATURE + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert set(corners(prepare(data, "emoji"))) == {"green"}


def test_picture_of_sixteen_bit_greys_with_a_color_key_keeps_its_grey() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 0, 0, 0, 0)) + chunk(b"tRNS", struct.pack(">H", 40_000))
    rows = zlib.compress((b"\0" + struct.pack(">H", 155 * 257) * 8) * 8)
    data = SIGNATURE + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert prepare(data, "emoji").color == "#9b9b9b"


def test_picture_tells_its_mean_color() -> None:
    assert prepare(encoded(Image.new("RGB", (50, 50), (18, 52, 86)), "PNG"), "picture").color == "#123456"


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animation_becomes_its_first_frame(format_: str) -> None:
    first, then = Image.new("RGB", (20, 20), RED), Image.new("RGB", (20, 20), BLUE)
    data = encoded(first, format_, save_all=True, append_images=[then, first], duration=100)
    prepared = prepare(data, "picture")
    assert set(corners(prepared)) == {"red"}
    assert getattr(opened(prepared.large), "n_frames", 1) == 1


# --- what a file says about itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, ["red", "green", "blue", "white"]),
        (2, ["green", "red", "white", "blue"]),
        (3, ["white", "blue", "green", "red"]),
        (4, ["blue", "white", "red", "green"]),
        (5, ["red", "blue", "green", "white"]),
        (6, ["blue", "red", "white", "green"]),
        (7, ["white", "green", "blue", "red"]),
        (8, ["green", "white", "red", "blue"]),
        (9, ["red", "green", "blue", "white"]),
    ],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_picture_is_turned_as_its_camera_was(format_: str, orientation: int, expected: list[str]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(encoded(quarters(), format_, exif=exif), "picture")
    assert corners(prepared) == expected
    assert (prepared.width, prepared.height) == ((40, 60) if 5 <= orientation <= 8 else (60, 40))


def test_large_picture_lying_on_its_side_fits_its_box_once_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    prepared = prepare(encoded(Image.new("RGB", (3000, 6000), RED), "JPEG", exif=exif), "picture")
    assert (prepared.width, prepared.height) == (1280, 640)


def test_picture_loses_all_that_it_tells_about_its_maker() -> None:
    exif = Image.Exif()
    exif[0x010E] = "made by Ada"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    image = quarters()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(image, "JPEG", exif=exif, icc_profile=profile, xmp=b"<x>Ada's flat</x>", comment=b"hello from Ada")
    prepared = prepare(data + b"a trailing secret of Ada", "picture")
    for content in (prepared.small, prepared.large):
        kept = opened(content)
        assert (dict(kept.getexif()), kept.info.keys() & {"exif", "xmp", "icc_profile", "comment"}) == ({}, set())
        assert b"Ada" not in content
        assert [content[:4], content[8:12], len(content)] == [
            b"RIFF",
            b"WEBP",
            8 + int.from_bytes(content[4:8], "little"),
        ]


def test_picture_with_exif_that_cannot_be_read_is_shown_as_it_lies() -> None:
    data = encoded(quarters(), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert corners(prepare(data, "picture")) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_picture_is_converted_to_srgb_by_its_profile(mode: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    image = quarters().convert(mode)
    image.putpixel((30, 20), (0,) * len(mode))
    prepared = prepare(encoded(image, "PNG", icc_profile=swapped), "picture")
    assert corners(prepared) == ["green", "red", "blue", "white"]
    assert opened(prepared.large).mode == mode


@pytest.mark.parametrize("profile", [b"nonsense", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_profile_that_does_not_fit_is_ignored(profile: bytes) -> None:
    data = encoded(quarters(), "PNG", icc_profile=profile)
    assert corners(prepare(data, "picture")) == ["red", "green", "blue", "white"]


# --- what we refuse ---------------------------------------------------------------------------------------------


def refused(data: bytes, purpose: str = "picture") -> str:
    began = time.process_time()
    with pytest.raises(BadPicture) as bad:
        prepare(data, purpose)
    assert time.process_time() - began < 5
    return str(bad.value)


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", "Empty file instead of a picture.", id="nothing"),
        pytest.param(
            bytes(MAX_BYTES + 1),
            "Picture too large: 12,582,913 bytes, and at most 12,582,912 are accepted.",
            id="too many bytes",
        ),
        pytest.param(
            SVG,
            "Unsupported picture format: SVG, which may contain scripts. Supported: JPEG, PNG, GIF, WebP and AVIF.",
            id="SVG with a script",
        ),
        pytest.param(b"<!doctype html><p>Not found", "Not a picture: the address leads to a web page.", id="page"),
        pytest.param(b"%PDF-1.7", "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF.", id="PDF"),
        pytest.param(
            encoded(Image.new("RGB", (9, 9)), "BMP"),
            "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF.",
            id="BMP",
        ),
        pytest.param(
            encoded(Image.new("RGB", (9, 9)), "TIFF"),
            "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF.",
            id="TIFF",
        ),
        pytest.param(
            encoded(Image.new("RGB", (9, 9)), "PPM"),
            "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF.",
            id="PPM",
        ),
        pytest.param(png(50_000, 50_000), "Picture too large: it claims more than 40,000,000 pixels.", id="PNG bomb"),
        pytest.param(
            png(8_001, 5_000), "Picture too large: it claims more than 40,000,000 pixels.", id="one row too many"
        ),
        pytest.param(
            b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
            "Picture too large: it claims more than 40,000,000 pixels.",
            id="GIF with a huge screen",
        ),
        pytest.param(
            b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b",\0\0\0\0\xff\xff\xff\xff\0\2\2D\1\0;",
            "Picture too large: it claims more than 40,000,000 pixels.",
            id="GIF with a huge frame on a tiny screen",
        ),
        pytest.param(png(1, 20_000), "Picture too narrow: a strip of 1 by 20,000 pixels.", id="upright strip"),
        pytest.param(png(2_001, 100), "Picture too narrow: a strip of 2,001 by 100 pixels.", id="lying strip"),
    ],
)
def test_hostile_file_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    assert refused(data) == sentence


def huge_webp() -> bytes:
    head = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + b"\xfe\x3f\0" * 2
    body = b"WEBP" + head + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMB = zlib.compress(bytes(64 * 1024 * 1024), 9)
"""64 MiB in 64 KiB."""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(huge_webp(), id="WebP with a canvas of 16383 squared"),
        pytest.param(png(9, 9, chunk(b"zTXt", b"Comment\0\0" + BOMB)), id="compressed text bomb"),
        pytest.param(png(9, 9, chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB)), id="compressed international text bomb"),
        pytest.param(png(9, 9, *[chunk(b"tEXt", b"k\0" + bytes(1_000_000))] * 80), id="a flood of text"),
        pytest.param(png(4_000, 4_000), id="pixels that never come"),
        pytest.param(png(0, 9), id="no width"),
        pytest.param(SIGNATURE, id="PNG that ends after its signature"),
        pytest.param(b"\xff\xd8\xff", id="JPEG that ends after its signature"),
        pytest.param(b"GIF89a" + bytes(7), id="GIF without a frame"),
    ],
)
def test_hostile_file_is_refused_at_once(data: bytes) -> None:
    assert refused(data).startswith(("Corrupt picture: ", "Picture too large: ", "Unsupported picture format. "))


def test_profile_bomb_is_not_unpacked() -> None:
    rows = zlib.compress((b"\0" + bytes(27)) * 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
    bomb = chunk(b"iCCP", b"profile\0\0" + BOMB)
    refused(SIGNATURE + head + bomb + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_truncated_file_is_refused(format_: str, part: float) -> None:
    data = encoded(Image.effect_noise((200, 200), 90).convert("RGB"), format_)
    refused(data[: int(len(data) * part)])


def test_page_in_a_picture_is_left_behind() -> None:
    """A GIF that a browser could run as a page or a script: only its pixels survive."""
    script = b"/*\0\0\0*/=1;alert(document.domain)//<script>alert(1)</script>"
    gif = encoded(Image.new("P", (10, 10), 0), "GIF", comment=script) + b"<html><script>alert(2)</script></html>"
    prepared = prepare(gif, "emoji")
    assert b"script" not in prepared.small + prepared.large


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", SIGNATURE, b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0 ftypavif"]),
    st.binary(),
)
def test_random_bytes_are_refused_and_nothing_else(signature: bytes, rest: bytes) -> None:
    with pytest.raises(BadPicture):
        prepare(signature + rest, "picture")


def samples() -> list[bytes]:
    image = Image.radial_gradient("L").resize((40, 30)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    return [encoded(image, format_, exif=exif) for format_ in ("JPEG", "PNG", "WEBP", "AVIF")] + [encoded(image, "GIF")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(samples()), st.data())
def test_damaged_pictures_are_shown_or_refused_and_nothing_else(sample: bytes, data: st.DataObject) -> None:
    damaged = bytearray(sample)
    for at in data.draw(st.lists(st.integers(0, len(sample) - 1), min_size=1, max_size=8)):
        damaged[at] = data.draw(st.integers(0, 255))
    try:
        prepared = prepare(bytes(damaged), "picture")
    except BadPicture:
        return
    assert opened(prepared.large).size == (prepared.width, prepared.height)
