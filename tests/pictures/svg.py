"""Boxes, lines and text as SVG, in colours that suit a light and a dark page; without fonts or scripts."""

from collections.abc import Iterable
from html import escape

_STYLE = """
  .paper { fill: #ffffff } .box { fill: #f3f6fb; stroke: #9aa8bd } .label { fill: #1a2433; font-weight: 600 }
  .text { fill: #4a5668 } .line { stroke: #2f6fde; fill: none } .dot { fill: #2f6fde } .grid { stroke: #dfe5ee }
  text { font-family: system-ui, sans-serif; font-size: 13px } .small { font-size: 11.5px }
  .code { font-family: ui-monospace, monospace; font-size: 12.5px }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181f } .box { fill: #1e2530; stroke: #47546a } .label { fill: #e6ebf3 } .text { fill: #a9b5c7 }
    .line { stroke: #7aa7ff } .dot { fill: #7aa7ff } .grid { stroke: #2a3342 }
  }
"""


def picture(width: int, height: int, title: str, shapes: Iterable[str]) -> str:
    """A whole picture; the title is read aloud in its place."""
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" width="{width}" '
        f'height="{height}">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n'
        f'<rect class="paper" width="{width}" height="{height}" rx="8"/>\n{body}\n</svg>\n'
    )


def box(x: float, y: float, width: float, height: float) -> str:
    """A box with round corners; `x` and `y` are its upper left corner."""
    return f'<rect class="box" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>'


def text(x: float, y: float, words: str, kind: str = "text", anchor: str = "start") -> str:
    """A line of text on the base line `y`; the kind is one or more of the classes of the style."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def line(points: Iterable[tuple[float, float]], kind: str = "line") -> str:
    """A line through points."""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def dot(x: float, y: float) -> str:
    """A point of a line."""
    return f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="3.5"/>'
