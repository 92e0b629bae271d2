"""The pictures in docs/images, drawn by the code that draws on the terminal.

`python -m tests.pictures` draws them anew. Each module of this package has a `draw()` that gives one picture as
SVG; the picture has the module's name.
"""
