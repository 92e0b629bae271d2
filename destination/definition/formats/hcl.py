"""Reads HCL, the language of Terraform's files: blocks, attributes and expressions, each with its line.

The syntax is that of HashiCorp's native syntax specification.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from destination.definition.formats.hcl_expressions import Expression, HclError, Kind, dedent_template, unescaped
from destination.values import read_json


@dataclass(slots=True)
class Body:
    """What is in a file or a block.

    Attributes:
        attributes: The expressions by name.
        lines: The line of each attribute.
        blocks: The blocks in order.
    """

    attributes: dict[str, Expression] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    blocks: "list[Block]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """A block, such as `resource "type" "name" { … }`.

    Attributes:
        type: Its first word.
        labels: The words and texts behind it.
        line: The line in which it begins, from 1.
        body: What is in it.
    """

    type: str
    labels: tuple[str, ...]
    line: int
    body: Body


def read_hcl(text: str) -> Body:
    r"""Reads a file.

    Raises:
        HclError: It is not HCL; names the line.

    Example:
        >>> body = read_hcl('resource "a" "b" {\n  name = "Orders" # a comment\n}')
        >>> body.blocks[0].labels, body.blocks[0].body.attributes["name"].parts
        (('a', 'b'), ('Orders',))
    """
    reader = _Reader(text.removeprefix("\ufeff"))
    try:
        return reader.body(nested=False)
    except RecursionError:
        raise HclError("nests too deeply", 1) from None


_SPACE: Final = re.compile(r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SPACE_AND_LINES: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_HEREDOC: Final = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_OPERATOR: Final = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/%]")
_PRECEDENCE: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5}
_QUOTED: Final = re.compile(r'[^"\\$%\n]+|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[nrt"\\]|\$\$\{|%%\{|\$(?!\{)|%(?!\{)')
_RAW: Final = re.compile(r"[^$%]+|\$\$\{|%%\{|\$(?!\{)|%(?!\{)")
_WORDS: Final = {"true": True, "false": False, "null": None}


class _Reader:
    def __init__(self, text: str, first_line: int = 1) -> None:
        self._text = text
        self._at = 0
        self._first = first_line
        self._lines = [found.end() for found in re.finditer("\n", text)]
        self._around = 0
        """Number of parentheses and square brackets around, in which line breaks have no meaning."""

    # --- bodies ---

    def body(self, *, nested: bool) -> Body:
        body = Body()
        while True:
            self._space(lines=True)
            if self._at == len(self._text) or self._sees("}"):
                if nested != self._sees("}"):
                    raise self._wrong("a block is not closed with }" if nested else "there is a } without its {")
                return body
            line, name = self._line(), self._name("an attribute or a block")
            self._space()
            if self._sees("=") and not self._sees("=="):
                self._at += 1
                if name in body.attributes:
                    raise self._wrong(f"{name} is there twice, on lines {body.lines[name]} and {line}; keep one", line)
                body.lines[name] = line
                body.attributes[name] = self._expression()
                self._end_of_line()
            else:
                body.blocks.append(self._block(name, line))

    def _block(self, kind: str, line: int) -> Block:
        labels = []
        while not self._sees("{"):
            if self._sees('"'):
                label = self._quoted()
                labels.append("".join(part for part in label.parts if isinstance(part, str)))
            else:
                labels.append(self._name(f"= or a block behind {kind}"))
            self._space()
        self._at += 1
        body = self.body(nested=True)
        self._at += 1
        return Block(kind, tuple(labels), line, body)

    def _end_of_line(self) -> None:
        self._space()
        if self._at < len(self._text) and not self._sees("\n") and not self._sees("}"):
            raise self._wrong(f"found {self._text[self._at :][:20].splitlines()[0]!r} where the line should end")

    # --- expressions ---

    def _expression(self) -> Expression:
        self._space()
        start, line = self._at, self._line()
        found = self._operation(0)
        self._space()
        if not self._sees("?"):
            return found
        self._at += 1
        yes = self._inside(self._expression)
        self._inside(lambda: self._expect(":"))
        no = self._expression()
        return Expression("operation", line, self._text[start : self._at], "?", (found, yes, no))

    def _inside(self, read: Any) -> Any:
        """Reads something before which line breaks have no meaning."""
        self._space(lines=True)
        found = read()
        self._space(lines=bool(self._around))
        return found

    def _operation(self, binding: int) -> Expression:
        start, line = self._at, self._line()
        left = self._unary()
        while True:
            end = self._at
            self._space()
            found = _OPERATOR.match(self._text, self._at)
            strength = _PRECEDENCE.get(found[0], 6) if found else 0
            if found is None or strength <= binding:
                self._at = end
                return left
            self._at = found.end()
            self._space(lines=True)
            right = self._operation(strength)
            left = Expression("operation", line, self._text[start : self._at], found[0], (left, right))

    def _unary(self) -> Expression:
        start, line = self._at, self._line()
        if self._sees("!") or self._sees("-"):
            operator = self._text[self._at]
            self._at += 1
            self._space()
            operand = self._unary()
            return Expression("operation", line, self._text[start : self._at], operator, (operand,))
        found = self._primary()
        while True:
            made = self._step(found, start, line)
            if made is None:
                return found
            found = made

    def _step(self, base: Expression, start: int, line: int) -> Expression | None:
        """Reads `.name` or `[index]` behind an expression; None where there is neither."""
        if self._sees(".") and not self._sees("..."):
            self._at += 1
            if self._sees("*"):
                self._at += 1
                return Expression("other", line, self._text[start : self._at], "a splat")
            found = _NUMBER.match(self._text, self._at)
            name = self._name("a name behind .") if found is None else found[0]
            self._at = self._at if found is None else found.end()
            return Expression("attribute", line, self._text[start : self._at], name, (base,))
        if not self._sees("["):
            return None
        self._at += 1
        if re.compile(r"\s*\*\s*\]").match(self._text, self._at):
            self._at = self._text.index("]", self._at) + 1
            return Expression("other", line, self._text[start : self._at], "a splat")
        index = self._bracketed(self._expression, "]")
        return Expression("index", line, self._text[start : self._at], None, (base, index))

    def _bracketed(self, read: Any, closing: str) -> Any:
        self._around += 1
        self._space()
        found = read()
        self._space()
        self._around -= 1
        self._expect(closing)
        return found

    def _primary(self) -> Expression:
        start, line = self._at, self._line()
        if self._sees('"'):
            return self._quoted()
        if self._sees("<<"):
            return self._heredoc()
        if self._sees("("):
            self._at += 1
            return self._bracketed(self._expression, ")")  # type: ignore[no-any-return]
        if self._sees("["):
            return self._list("[", "]", "tuple")
        if self._sees("{"):
            return self._object()
        number = _NUMBER.match(self._text, self._at)
        if number:
            self._at = number.end()
            return Expression("literal", line, number[0], read_json(re.sub(r"^0+(?=\d)", "", number[0])))
        name = self._name("an expression")
        if name in _WORDS:
            return Expression("literal", line, name, _WORDS[name])
        self._space()
        if not self._sees("("):
            self._at = start + len(name)
            return Expression("name", line, name, name)
        arguments = self._list("(", ")", "call")
        if arguments.kind == "other":
            return arguments
        return Expression("call", line, self._text[start : self._at], name, arguments.parts)

    def _list(self, opening: str, closing: str, kind: Kind) -> Expression:
        start, line = self._at, self._line()
        self._at += len(opening)
        self._around += 1
        items = []
        self._space()
        if kind == "tuple" and re.compile(r"for\s").match(self._text, self._at):
            return self._for(start, line)
        while not self._sees(closing):
            items.append(self._expression())
            self._space()
            if self._sees("..."):
                return self._for(start, line, "an argument with ...")
            if not self._sees(closing):
                self._expect(",")
            self._space()
        self._around -= 1
        self._at += 1
        return Expression(kind, line, self._text[start : self._at], None, tuple(items))

    def _object(self) -> Expression:
        start, line = self._at, self._line()
        around, self._around = self._around, 0
        self._at += 1
        self._space(lines=True)
        if re.compile(r"for\s").match(self._text, self._at):
            self._around = around + 1
            return self._for(start, line)
        entries = []
        while not self._sees("}"):
            key = self._key()
            self._space(lines=True)
            if not self._sees("=") and not self._sees(":"):
                raise self._wrong("expected = behind a key")
            self._at += 1
            self._space(lines=True)
            entries.append((key, self._expression()))
            self._space()
            if not self._sees("}") and not self._sees("\n"):
                self._expect(",")
            self._space(lines=True)
        self._at += 1
        self._around = around
        return Expression("object", line, self._text[start : self._at], None, tuple(entries))

    def _key(self) -> Expression:
        line = self._line()
        found = _NAME.match(self._text, self._at)
        behind = self._text[found.end() :].lstrip(" \t")[:1] if found else ""
        if found and behind in ("=", ":"):  # a word is the key itself, not a reference
            self._at = found.end()
            return Expression("literal", line, found[0], found[0])
        return self._expression()

    def _for(self, start: int, line: int, form: str = "a for expression") -> Expression:
        """Goes to the end of the brackets that began at an index, over what is not evaluated."""
        self._at = start
        depth = 0
        while True:
            if self._at >= len(self._text):
                raise self._wrong("a bracket is not closed", line)
            char = self._text[self._at]
            if char == '"':
                self._quoted()
                continue
            space = _SPACE_AND_LINES.match(self._text, self._at)
            if space and space.end() > self._at:
                self._at = space.end()
                continue
            depth += (char in "([{") - (char in ")]}")
            self._at += 1
            if not depth:
                self._around -= 1
                return Expression("other", line, self._text[start : self._at], form)

    # --- templates ---

    def _quoted(self) -> Expression:
        start, line = self._at, self._line()
        self._at += 1
        parts = tuple(self._template(_QUOTED, lambda: self._sees('"')))
        self._at += 1
        return Expression("template", line, self._text[start : self._at], None, parts)

    def _template(self, piece: re.Pattern[str], ends: Any) -> Iterator[Any]:
        text = ""
        while not ends():
            found = piece.match(self._text, self._at)
            if found:
                self._at = found.end()
                text += unescaped(found[0])
                continue
            line = self._line()
            mark = self._text[self._at : self._at + 2]
            if mark not in ("${", "%{"):
                what = "a text is not closed" if mark[:1] in ("", "\n") else f"a text has the unknown escape {mark!r}"
                raise self._wrong(what)
            if text:
                yield text
            text = ""
            start = self._at
            self._at += 2
            self._at += self._sees("~")
            if mark == "%{":
                self._at = self._text.find("}", self._at) + 1 or len(self._text)
                yield Expression("other", line, self._text[start : self._at], "a template with %{ }")
                continue
            inner = self._bracketed(self._expression, "")
            self._at += self._sees("~")
            self._expect("}")
            yield inner
        if text:
            yield text

    def _heredoc(self) -> Expression:
        start, line = self._at, self._line()
        begin = _HEREDOC.match(self._text, start)
        if begin is None:
            raise self._wrong("a text with << needs a word and a line break behind it")
        end = re.compile(rf"^[ \t]*{re.escape(begin[2])}[ \t\r]*$", re.MULTILINE).search(self._text, begin.end())
        if end is None:
            raise self._wrong(f"the text that begins with <<{begin[2]} has no line {begin[2]} at its end", line)
        content = self._text[begin.end() : end.start()]
        if begin[1]:
            content = dedent_template(content)
        inner = _Reader(content, line + 1)
        parts = tuple(inner._template(_RAW, lambda: inner._at == len(content)))
        self._at = end.end()
        return Expression("template", line, self._text[start : self._at], None, parts)

    # --- characters ---

    def _space(self, *, lines: bool = False) -> None:
        pattern = _SPACE_AND_LINES if lines or self._around else _SPACE
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _sees(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _expect(self, mark: str) -> None:
        if not self._sees(mark):
            found = self._text[self._at :][:20].splitlines()[:1]
            raise self._wrong(
                f"expected {mark}, but found {found[0]!r}" if found else f"expected {mark} before the end"
            )
        self._at += len(mark)

    def _name(self, wanted: str) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            seen = self._text[self._at :][:20].splitlines()[:1]
            raise self._wrong(f"expected {wanted}" + (f", but found {seen[0]!r}" if seen else " before the end"))
        self._at = found.end()
        return found[0]

    def _line(self) -> int:
        return bisect_right(self._lines, self._at) + self._first

    def _wrong(self, message: str, line: int | None = None) -> HclError:
        return HclError(f"is not valid HCL: {message}", self._line() if line is None else line)
