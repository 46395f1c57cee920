"""Converting a stranger's picture to two small WebP files; no byte of the original is ever served.

Pure and synchronous; it runs in `sandbox.py`. Only the content of a file decides its format, never its name or its
Content-Type.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from io import BytesIO
from typing import Annotated, NamedTuple

import msgspec
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from aggregator.media.color import mean_color

FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    GifImagePlugin.GifImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
)
"""The only decoders for foreign bytes. Pillow's forty others are not imported."""

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_STRETCH = 20
"""The largest ratio between a picture's sides."""

QUALITY = 80
EFFORT = 4
MAX_FILE_BYTES = 8 * 1024 * 1024
"""Bytes of one encoded file at most; noise at the full size needs half of that."""

ORIENTATION = 0x0112
LYING = 5
"""EXIF orientations from this value on swap width and height; 1 is upright."""
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own guard also checks the frames inside a file
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # one thread for each core would exceed the sandbox's memory

Size = tuple[int, int]


class BadPicture(Exception):
    """The bytes are not a supported picture. `str()` is one sentence for an organiser."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """One picture in two WebP sizes. `width` and `height` are the large one's, `color` is the mean of its pixels."""

    small: Annotated[bytes, msgspec.Meta(max_length=MAX_FILE_BYTES)]
    large: Annotated[bytes, msgspec.Meta(max_length=MAX_FILE_BYTES)]
    width: Annotated[int, msgspec.Meta(gt=0, lt=16384)]
    height: Annotated[int, msgspec.Meta(gt=0, lt=16384)]
    color: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")]


class Purpose(NamedTuple):
    """The boxes (width, height) that the two sizes must fit into; `square` crops to the centre first.

    `lossless` keeps the edges of drawings sharp.
    """

    small: Size
    large: Size
    square: bool = False
    lossless: bool = False


PURPOSES = {
    "avatar": Purpose((96, 96), (192, 192), square=True),
    "emoji": Purpose((256, 64), (512, 128)),  # as high as a line, and some are wide
    "picture": Purpose((480, 960), (1280, 2560)),
    "logo": Purpose((480, 240), (960, 480), lossless=True),
}


def prepare(data: bytes, purpose: str) -> Prepared:
    """Return the picture checked, decoded, shrunk (never enlarged), converted to sRGB, turned upright and encoded.

    `purpose` is a key of PURPOSES. An animation becomes its first frame. A truncated file is refused, because half a
    picture looks worse on a screen than a plain colour. Raises BadPicture, and nothing else.
    """
    plan = PURPOSES[purpose]
    large = _decode(data, plan)
    small = large.resize(_fit(large.size, plan.small), Image.Resampling.LANCZOS)
    return Prepared(
        small=_encode(small, plan),
        large=_encode(large, plan),
        width=large.width,
        height=large.height,
        color=mean_color(large),
    )


def _decode(data: bytes, plan: Purpose) -> Image.Image:
    """Return the large size of the picture, as RGB or RGBA without metadata."""
    if not data:
        raise BadPicture("Empty file instead of a picture.")
    if len(data) > MAX_BYTES:
        raise BadPicture(f"Picture too large: {len(data):,} bytes, and at most {MAX_BYTES:,} are accepted.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                return _shrink(image, plan)
    except BadPicture:
        raise
    except UnidentifiedImageError:
        raise BadPicture(_what_else(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(f"Picture too large: it claims more than {MAX_PIXELS:,} pixels.") from None
    except Exception as error:
        # Decoders of hostile bytes may raise anything.
        raise BadPicture(f"Corrupt picture: {str(error) or type(error).__name__}") from error


def _what_else(data: bytes) -> str:
    head = data[:1024].lstrip().lower()
    if b"<svg" in head:
        return "Unsupported picture format: SVG, which may contain scripts. Supported: JPEG, PNG, GIF, WebP and AVIF."
    if head.startswith(b"<"):
        return "Not a picture: the address leads to a web page."
    return "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF."


def _shrink(image: Image.Image, plan: Purpose) -> Image.Image:
    """Return the large size, with cheap checks before decoding and costly steps after shrinking."""
    _check_shape(image.size)
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    box = plan.large[::-1] if orientation >= LYING else plan.large
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        width, height = _target(image.size, box, square=plan.square)
        image.draft("RGB", (2 * width, 2 * height))  # JPEG can be decoded at a half, a quarter or an eighth
    image.load()
    target = _target(image.size, box, square=plan.square)
    frame = _middle(image.size) if plan.square else None
    small = _unpacked(image).resize(target, Image.Resampling.LANCZOS, frame, reducing_gap=2.0)
    small = _in_srgb(small, profile)
    if orientation in UPRIGHT:
        small = small.transpose(UPRIGHT[orientation])
    small.info.clear()  # some versions of Pillow would write the profile into our file
    return small


def _check_shape(size: Size) -> None:
    if max(size) > MAX_STRETCH * min(size):
        raise BadPicture(f"Picture too narrow: a strip of {size[0]:,} by {size[1]:,} pixels.")


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation; 1 if it is missing or invalid."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 (unreadable metadata counts as missing)
        return 1
    return value if value in UPRIGHT else 1


def _target(size: Size, box: Size, *, square: bool) -> Size:
    if square:
        side = min(*size, *box)
        return side, side
    return _fit(size, box)


def _fit(size: Size, box: Size) -> Size:
    scale = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _middle(size: Size) -> tuple[float, float, float, float]:
    side = min(size)
    left, top = (size[0] - side) / 2, (size[1] - side) / 2
    return left, top, left + side, top + side


def _unpacked(image: Image.Image) -> Image.Image:
    """Return the image in a mode that can be resized well: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):
        grey = image.point(lambda level: level * (1 / 257))  # 65535 becomes 255; a bare conversion would clip
        grey.info.clear()  # a colour key out of an 8-bit picture's range
        return grey.convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image converted by its ICC profile if that is usable; else as if it were sRGB."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
            image = converted or image
    if mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        mode = "RGB"
    return image.convert(mode)


def _encode(image: Image.Image, plan: Purpose) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=EFFORT, lossless=plan.lossless)
    return file.getvalue()
