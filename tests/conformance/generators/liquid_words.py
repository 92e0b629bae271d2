"""What Liquid templates are made of: paths, literals, filters with arguments, tags."""

PATHS = [
    "event", "type", "userId", "anonymousId", "name", "timestamp", "properties", "properties.price",
    "properties.currency",
    "properties.products", "properties.products[0]", "properties.products[0].name", "properties.products.first.name",
    "properties.products.last.price", "properties.products.size", "properties.tags", "properties.tags[0]",
    "properties.a",
    "properties.a.b.c", "properties.json", "context.library.name", "context.library", "traits.email", "traits.age",
    "missing",
    "missing.deeper", "properties.tags.first", "properties.tags.last", "event.size", "context.page.url",
]  # fmt: skip
ODD_PATHS = [
    "properties['price']", 'properties["a b"]', "properties[event]", "['event']", "properties.products[-1].name",
    "properties.products[99]", "properties.tags['0']", "properties.0", "properties . price",
    "properties.products[0]['name']",
    "properties[type]", "properties.products[properties.a]", "event[0]", "event.first", "userId.length",
    "properties.size",
    "properties.products[0.5]", "properties.price.x.y", "é", "a-b", "properties.key-1", "event?", "_x",
    "properties.dot.key",
    "properties..price", "properties.", ".event", "properties[", "properties]", "properties[]", "x y", "0event",
    "properties[1.0]",
]  # fmt: skip
LITERALS = [
    '"abc"', "'abc'", '"Hello World"', '""', "''", '" padded "', '"a,b,c"', '"5"', '"3.7"', '"-2"', '"é🎉"', '"日本語"',
    '"<b>x</b>"',
    '"a & b"', '"a b+c/d?e=f&g"', '"x\\ny"', '"2023-01-02"', '"2023-05-06T07:08:09Z"', '"1672531200"', '"true"',
    '"false"',
    '"Sign up! Now é 日本"', "0", "1", "2", "5", "10", "-1", "-2.5", "3.14159", "1.005", "2.5", "1000000", "0.1", "1e3",
    ".5", "5.",
    "00012", "9007199254740993", "true", "false", "nil", "null", "empty", "blank", "undefined", "(1..3)", "(3..1)",
    "(a..2)",
    '"ab" "cd"', '"un', "-", "+1", "--1", "1.2.3", "{}", "[1,2]", "@", "1672531200", '"&lt;p&gt; &amp; x"',
    '"a%20b%2Bc"',
    '"Straße"', '"ÀÉ"', '"one two  three"', '"a\\"b"', "'it''s'", '"\\u0041"', '"\\101\\x41\\t\\q"', '"Zm9v"',
    '"not a date"', '"1/2/2023"',
]  # fmt: skip

_S = '"x"'
_BARE = """
    escape xml_escape escape_once newline_to_br strip_html abs ceil floor url_decode url_encode cgi_escape
    uri_escape last first reverse size compact pop shift lstrip downcase upcase rstrip strip strip_newlines
    capitalize normalize_whitespace base64_encode base64_decode sha256 raw to_integer uniq date_to_xmlschema
    date_to_rfc822
"""  # filters that take no argument
# Every filter of liquidjs with arguments that make sense; the drawn ones are often changed.
FILTERS: dict[str, list[str]] = {
    **{name: [""] for name in _BARE.split()},
    "at_least": ["5", "-1", '"7"', "properties.price", "missing"], "at_most": ["5", "2.5", '"0"', "nil"],
    "divided_by": ["2", "3", "0", "-2", "2.5", '"4"', "10, true", "3, true", "2, false", "properties.price"],
    "minus": ["1", "2.5", '"3"', '"x"', "properties.price"], "plus": ["1", "0.2", '"3"', '"x"', "nil", "true"],
    "modulo": ["3", "2.5", "0", "-3", '"2"'], "times": ["2", "1.1", '"3"', "-1", "nil"],
    "round": ["", "1", "2", "0", "-1", '"2"', "nil", "101", "1.7"],
    "slugify": ["", '"default"', '"raw"', '"none"', '"pretty"', '"ascii"', '"latin"', '"odd"', '"default", true',
    '"ascii", true'],
    "join": ["", '", "', '""', "nil", "5"], "sort": ["", '"price"'], "sort_natural": ["", '"name"'],
    "map": ['"name"', ""], "sum": ["", '"price"', '"missing"'], "concat": ["properties.tags", '"x"'],
    "push": [_S, "5", "nil"], "unshift": [_S, "properties.price"],
    "slice": ["0", "1", "1, 2", "-2", "-3, 2", "0, 0", "5, 5", '"1"', "1.5", "nil", "0, -1", "99", ""],
    "where": ['"name"', '"name", "Shirt"', '"price", 5', '"missing", nil', ""], "reject": ['"name"', '"price", 5'],
    "where_exp": ['"p", "p.price > 1"'], "reject_exp": ['"p", "p.price > 1"'], "group_by": ['"name"'],
    "group_by_exp": ['"p", "p.price"'], "has": ['"name"', '"name", "Hat"'], "has_exp": ['"p", "p.price"'],
    "find_index": ['"name", "Hat"'], "find_index_exp": ['"p", "p.price"'], "find": ['"name", "Hat"'],
    "find_exp": ['"p", "p.price"'],
    "date": ['"%Y-%m-%d"', '"%d/%m/%y %H:%M:%S"', '"%s"', '"%B %d, %Y"', '"%a %A %b %h"', '"%e %k %l %I %p %P"',
    '"%j %u %w"',
             '"%U %W"', '"%L %N %3N"', '"%z %:z %Z"', '"%D %F %T %R %c %x %X"', '"%C %G %g %V"', '"%%"', '"%n%t|"',
             '"%Q"',
             '"%^a %^B %#p"', '"%-d %-m %_d %05d %010Y"', '"%q"', '""', "nil", "5", '"%Y", "Asia/Tokyo"',
             '"%H:%M %z", 120',
             '"%H:%M", -60', '"%H:%M %Z", "America/New_York"', '"%H", "Nowhere/Town"', "", '"%y%"', '"%s", "UTC"'],
    "date_to_string": ["", '"ordinal"', '"ordinal", "US"'], "date_to_long_string": ["", '"ordinal"', '"ordinal", "US"',
    '"x"'],
    "append": [_S, "5", "nil", "event", '""', "properties.tags", ""], "prepend": [_S, "5", "nil", "userId"],
    "remove": ['"a"', '"o"', '""', "nil", "5", '"."'], "remove_first": ['"a"', '"o"', '""'], "remove_last": ['"a"',
    '"o"', '""'],
    "split": ['","', '""', '" "', '"b"', "nil", "5", "", '", "'],
    "replace": ['"a", "b"', '"o"', '"", "-"', '"a", "$&"', '".", "x"', "nil, 1", '"l", nil', "5, 6", '"é", "e"'],
    "replace_first": ['"a", "b"', '"o"', '"", "-"', '"a", "$&"'], "replace_last": ['"a", "b"', '"o", ""', '"", "-"',
    '"zz", "x"'],
    "truncate": ["", "5", "3", '5, ""', '10, "…"', "0", "-1", '"4"', "nil", "2, nil", "100"],
    "truncatewords": ["", "1", "2", '1, "--"', "0", "-1", "nil", '"2"'],
    "number_of_words": ["", '"cjk"', '"auto"', '"other"'],
    "array_to_sentence_string": ["", '"or"'], "hmac_sha256": ['"key"', '""', "nil", "5", ""],
    "default": ['"none"', '""', "nil", '"x", allow_false: true', '"x", allow_false: false', "5", "event", ""],
    "jsonify": ["", "2"], "json": ["", "2", '"--"', "nil"], "inspect": ["", "2"],
    "nofilter": ["", "1"], "Upcase": [""], "type": [""],
}  # fmt: skip
DISABLED_FILTERS = [
    "array_to_sentence_string", "concat", "find", "find_exp", "find_index", "find_index_exp", "group_by",
    "group_by_exp", "has",
    "has_exp", "map", "newline_to_br", "reject", "reject_exp", "reverse", "sort", "sort_natural", "uniq", "where_exp",
    "type",
]  # fmt: skip
ENABLED_FILTERS = [name for name in FILTERS if name not in DISABLED_FILTERS]
DISABLED_TAGS = [
    "{% case event %}{% when 'a' %}x{% endcase %}", "{% for p in properties.products %}{{ p.name }}{% endfor %}",
    "{% include 'x' %}",
    "{% layout 'x' %}", "{% render 'x' %}", "{% tablerow x in properties.tags %}{{ x }}{% endtablerow %}", "{% for %}",
    "{% case %}",
]  # fmt: skip
TEXT = [
    "x",
    " ",
    "Hello ",
    "\n",
    " - ",
    "é🎉",
    "{",
    "}",
    "{{",
    "%}",
    "}}",
    "{ {",
    "$&",
    "\t",
    "<b>",
    "  \n  ",
    "",
    "",
    "%",
    "a|b",
]
OPERATORS = ["==", "!=", ">", "<", ">=", "<=", "contains", "and", "or", "=", "<>", "not", "in", "==="]
ALPHABET = [
    "{{",
    "}}",
    "{%",
    "%}",
    "|",
    ":",
    ",",
    '"',
    "'",
    "-",
    ".",
    "[",
    "]",
    " ",
    "(",
    ")",
    "#",
    "\n",
    "==",
    "x",
    "0",
    "end",
    "é",
    "\\",
]


_DATES = [
    "timestamp", '"2023-05-06T07:08:09.045Z"', '"2024-12-30"', '"2000-01-01 13:14:15"', "1672531200", "1700000000.5",
    '"1672531200"',
    '"Jun 1, 2023"', '"1999-12-31T23:59:59+02:00"', "0", "-1", '"2023-02-29"', "properties.price",
    '"2022-01-02T03:04:05.678901Z"',
    '"2023-10-11"', '"2023-03-22T00:00:00Z"', '"2023-08-13T12:00:00-0700"', '"0099-01-01"', "true", "properties.tags",
]  # fmt: skip
_NUMBERS = ["5", "-2.5", "2.5", "1.005", "0", '"7.5"', '"-3"', '"abc"', '""', "1000000.123", "properties.price",
"missing", "-0.5", "1e3",
            "9007199254740993", "true", "properties.tags", '" 4 "']  # fmt: skip
_LISTS = [
    "properties.tags", "properties.products", '"a,b,,c" | split: ","', '"b a c" | split: " "', "properties.a",
    "(1..5)", '"abc"', "missing",
    "properties", '"3,1,2" | split: ","', '"1,2.5,x" | split: ","', '"" | split: ","', "properties.tags | push: nil",
    "5", "(3..1)",
]  # fmt: skip
_HTML = ['"<p class=x>Hi</p>"', '"<script>a<b</script>x"', '"<!-- c -->y<style>z</style>"', '"a < b > c"', '"<b"',
'"1 &lt; 2 & 3 &amp; 4"',
         "'\"q\" & \\'s\\''", '"a\nb\r\nc"', '"&#39; &#34; &gt;"', '"<script>never closed"',
         '"<!-- <b>x</b>"']  # fmt: skip
_WORDS = ['"hello world"', '"  a  b\tc  "', '"日本語 and English"', '"日本"', '"ÀÉ straße"', '"one two three four"',
'"🎉 party"', '"x"', '""',
          '"a/b?c=d&e f+g"', '"%E6%97%A5+%zz"', '"a.b-c_d"', '"aaa"', "event", "properties.json", '"\\n tail \\n"',
          "name"]  # fmt: skip
_VALUES_OF = {
    "date date_to_string date_to_long_string date_to_xmlschema date_to_rfc822": _DATES,
    "abs at_least at_most ceil divided_by floor minus plus modulo times round to_integer": _NUMBERS,
    "join last first size sum compact concat push pop shift unshift slice where split": _LISTS,
    "jsonify json inspect default uniq sort map": _LISTS,
    "escape xml_escape escape_once strip_html newline_to_br strip_newlines": _HTML,
}
SUITED = {name: values for names, values in _VALUES_OF.items() for name in names.split()}
SUITED.update({name: _WORDS for name in FILTERS if name not in SUITED})
"""By filter: values that its work shows on."""
