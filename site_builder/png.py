"""Small pictures as PNG in a data address, with the same bytes every time."""

from __future__ import annotations

import base64
import struct
import zlib

_COLOUR_TYPES = {2: 4, 4: 6}
"""The format's number for greyscale with alpha and for colour with alpha, by bytes a pixel."""


def data_address(pixels: bytes, height: int, width: int) -> str:
    """A picture as an address that holds it (PNG specification, colour types 4 and 6).

    Args:
        pixels: Row by row from the top, 2 bytes a pixel (grey, opacity) or 4 (red, green, blue,
            opacity).
        height: In pixels.
        width: In pixels.
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    stride = len(pixels) // height
    rows = b"".join(b"\0" + pixels[y * stride : (y + 1) * stride] for y in range(height))
    colour_type = _COLOUR_TYPES[stride // width]
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    png += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
