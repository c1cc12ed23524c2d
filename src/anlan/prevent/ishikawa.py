"""Where the lines and words of a fishbone stand: a small layout of our own, for SVG.

The head is at the right end of the spine. Main bones lean against it in pairs, above and below;
the causes of a main bone run into it from the left, their own causes stand below them as words.
Every text gets a box of its own; no two of them overlap (a property test looks).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

SIZE = 14.0  # of letters [px]
LINE = 19.0  # from one line of text to the next
WRAP = 14.0  # characters of full width in a line
GAP = 26.0  # between columns
LEAN = 0.42  # a main bone leans so far to the left for each pixel of its height
EDGE = 24.0
HEAD_WRAP = 7.0
LABEL_WRAP = 9.0


@dataclass(frozen=True)
class Cause:
    """What is drawn: words, how many open hazards (None: not counted), and what leads to it."""

    text: str
    count: int | None = None
    causes: "tuple[Cause, ...]" = ()


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    kind: str  # "spine", "bone", "twig"


@dataclass(frozen=True)
class Text:
    """Lines of words in a box whose left upper corner is (x, y)."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    kind: str  # "head", "main", "cause", "deep"
    hot: bool = False  # with open hazards

    @property
    def rows(self) -> list[tuple[float, str]]:
        """The baseline of each line, and its words."""
        return [(self.y + LINE * n + SIZE, line) for n, line in enumerate(self.lines)]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def box_y(self) -> float:
        """Of the frame around a head or a main bone's name."""
        return self.y - 3

    @property
    def box_height(self) -> float:
        return self.height + 6


@dataclass
class Drawing:
    width: float = 0.0
    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def em(text: str) -> float:
    """How wide the words are, in characters of full width."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.58 for c in text)


def wrap(text: str, most: float = WRAP) -> tuple[str, ...]:
    """Chinese may be broken anywhere."""
    lines, line = [], ""
    for character in text:
        if line and em(line + character) > most:
            lines.append(line)
            line = ""
        line += character
    return (*lines, line)


def words(cause: Cause, most: float = WRAP) -> tuple[str, ...]:
    """Its lines; the number is never torn from the last of them."""
    *lines, last = wrap(cause.text, most)
    return (*lines, last if cause.count is None else f"{last}（{cause.count}）")


@dataclass
class _Block:
    """The words of one cause and of what leads to it, as they stand below each other."""

    cause: Cause
    lines: tuple[str, ...] = ()
    deep: list[tuple[Cause, tuple[str, ...]]] = field(default_factory=list)

    @property
    def height(self) -> float:
        return LINE * (len(self.lines) + sum(len(lines) for _c, lines in self.deep)) + 12

    @property
    def width(self) -> float:
        own = [em(line) for line in self.lines]
        return SIZE * max([*own, *(em(line) + 1.5 for _c, ls in self.deep for line in ls)])


def _block(cause: Cause) -> _Block:
    deep = [(one, words(one, WRAP - 1.5)) for one in cause.causes]
    return _Block(cause, words(cause), deep)


@dataclass
class _Rib:
    main: Cause
    blocks: list[_Block]
    label: tuple[str, ...]

    @property
    def reach(self) -> float:
        """How far it goes from the spine."""
        return max(70.0, sum(block.height for block in self.blocks) + 16)

    @property
    def label_width(self) -> float:
        return SIZE * max(em(line) for line in self.label) + 16

    @property
    def label_height(self) -> float:
        return LINE * len(self.label) + 8


def _rib(main: Cause) -> _Rib:
    return _Rib(main, [_block(one) for one in main.causes], words(main, LABEL_WRAP))


def layout(effect: str, mains: Sequence[Cause]) -> Drawing:
    """Lines and texts of the whole fishbone, and how large it is."""
    ribs = [_rib(main) for main in mains]
    pairs = [ribs[n : n + 2] for n in range(0, len(ribs), 2)]
    up = max((r.reach + r.label_height for r in ribs[0::2]), default=60.0)
    down = max((r.reach + r.label_height for r in ribs[1::2]), default=60.0)
    head = wrap(effect, HEAD_WRAP)
    head_width = SIZE * max(em(line) for line in head) + 28
    head_height = LINE * len(head) + 20
    spine = EDGE + max(up, head_height / 2)
    drawing = Drawing(height=spine + max(down, head_height / 2) + EDGE)
    x = EDGE
    for pair in pairs:
        x = _draw_pair(drawing, pair, x, spine)
    end = x + GAP
    drawing.lines.insert(0, Line(EDGE, spine, end, spine, "spine"))
    top = spine - head_height / 2
    box = Text(end, top + 10, head_width, head_height - 20, head, "head")
    drawing.texts.append(box)
    drawing.width = end + head_width + EDGE
    return drawing


def _draw_pair(drawing: Drawing, pair: Sequence[_Rib], left: float, spine: float) -> float:
    """Draw the one above and the one below; returns where their column ends."""
    foot = left + max(_width(rib) for rib in pair) + GAP
    for rib, side in zip(pair, (-1, 1), strict=False):
        _draw_rib(drawing, rib, foot, spine, side)
    return foot


def _width(rib: _Rib) -> float:
    """From the foot of a main bone to the left end of all that belongs to it."""
    widest = max((block.width for block in rib.blocks), default=0.0) + 16
    return max(LEAN * rib.reach + max(widest, rib.label_width / 2), rib.label_width)


def _draw_rib(drawing: Drawing, rib: _Rib, foot: float, spine: float, side: int) -> None:
    tip = foot - LEAN * rib.reach
    drawing.lines.append(Line(tip, spine + side * rib.reach, foot, spine, "bone"))
    label_y = spine + side * rib.reach - (rib.label_height if side < 0 else 0)
    x = min(tip - rib.label_width / 2, foot - rib.label_width)  # not into the next column
    hot = bool(rib.main.count)
    drawing.texts.append(
        Text(x, label_y + 4, rib.label_width, rib.label_height - 8, rib.label, "main", hot)
    )
    # From the outer end towards the spine above it, and away from it below: read downwards.
    y = spine - rib.reach + 8 if side < 0 else spine + 8
    for block in rib.blocks:
        _draw_block(drawing, block, y, foot, spine)
        y += block.height


def _draw_block(drawing: Drawing, block: _Block, y: float, foot: float, spine: float) -> None:
    """Words, and below the cause's own a line that runs into the main bone."""
    own = LINE * len(block.lines)
    line_y = y + own + 2
    touch = foot - LEAN * abs(line_y - spine)
    # Where the block is furthest from the spine the main bone is furthest left.
    furthest = max(abs(y - spine), abs(y + block.height - spine))
    left = foot - LEAN * furthest - 8 - block.width
    drawing.texts.append(
        Text(left, y, block.width, own, block.lines, "cause", bool(block.cause.count))
    )
    drawing.lines.append(Line(left, line_y, touch, line_y, "twig"))
    y = line_y + 4
    for cause, lines in block.deep:
        height = LINE * len(lines)
        x = left + 1.5 * SIZE
        width = block.width - 1.5 * SIZE
        drawing.texts.append(Text(x, y, width, height, lines, "deep", bool(cause.count)))
        y += height
