"""Writing frames, both ways (tables 16 to 23)."""

from anlan.observe.sl651.codes import SOH_BINARY, STX, SYN, Encoding
from anlan.observe.sl651.crc import crc16

_LONGEST = 0x0FFF


def build_frame(
    encoding: Encoding,
    *,
    center: int,
    station: str,
    password: str,
    function: int,
    body: bytes,
    end: int,
    numbers: tuple[int, int] | None = None,
    downward: bool = False,
) -> bytes:
    """One frame. `numbers` are the packets of the message and the place of this one (SYN)."""
    text = encoding is Encoding.ASCII
    start = STX
    if numbers is not None:
        start = SYN
        packed = f"{numbers[0]:03X}{numbers[1]:03X}"
        body = (packed.encode() if text else bytes.fromhex(packed)) + body
    if not 0 < len(body) <= _LONGEST:
        raise ValueError(f"a body of {len(body)} bytes does not fit in one frame")
    addresses = f"{station}{center:02X}" if downward else f"{center:02X}{station}"
    field = len(body) | (0x8000 if downward else 0)
    head = f"{addresses}{password}{function:02X}{field:04X}".upper()
    if text:
        frame = b"\x01" + head.encode() + bytes([start]) + body + bytes([end])
        return frame + f"{crc16(frame):04X}".encode()
    frame = SOH_BINARY + bytes.fromhex(head) + bytes([start]) + body + bytes([end])
    frame += crc16(frame).to_bytes(2, "big")
    return frame.hex().upper().encode() if encoding is Encoding.HEX_TEXT else frame
