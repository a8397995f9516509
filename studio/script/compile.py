"""Scripts as Python: generated once, then run at the speed of hand-written code, with the judge's meaning."""

from __future__ import annotations

from collections.abc import Callable

from studio.base.records import dataclass
from studio.script import tree
from studio.script.code import Code, Constants, TooDeep
from studio.script.evaluate import evaluate
from studio.script.generate import Keep, Kept, PathCode
from studio.script.generate_calls import Compiler
from studio.script.host import Host
from studio.script.kinds import BOOL, NULL, TEXT, Kinds
from studio.script.places import Places, Span, split
from studio.script.tree import Value

__all__ = [
    "Constants",
    "Generated",
    "Keep",
    "Kept",
    "Kinds",
    "PathCode",
    "TooDeep",
    "compile_script",
    "generate",
]


@dataclass(frozen=True)
class Generated:
    """Python for one script.

    `statements` are lines (four blanks per level) that must run before `expression`, which gives the value; the value
    is of one of `kinds`. `offsets` are the places in the script that the statements come from, `offset` that of the
    expression; `parts` are the pieces of a text that the expression joins, `written` an expression of the text that
    the value has where it is written as it is. Around them the code needs the names of the Constants, the host's variable, and exact_arithmetic().
    """

    statements: tuple[str, ...]
    expression: str
    kinds: Kinds
    offsets: tuple[int, ...]
    offset: int
    constant: bool = False
    parts: tuple[str, ...] = ()
    written: str | None = None

    @property
    def condition(self) -> str:
        """An expression that is true where the value counts as true; it may raise RunError."""
        return self.expression if self.kinds == BOOL else f"s_truth({self.expression})"

    @property
    def is_text(self) -> bool:
        """The value is text or None, nothing else."""
        return self.kinds.only(TEXT | NULL)


def generate(
    script: tree.Script,
    path_code: Callable[[tree.Path], PathCode],
    constants: Constants,
    *,
    host: str = "H",
    kept: Kept | None = None,
) -> Generated:
    """Python that computes a script. `path_code` says how each path is read, `kept` which values are kept by a text.

    A script that cannot work where the judge would fail raises the same RunError when it runs. Raises TooDeep for
    nesting that Python cannot hold: let the judge run such a script.
    """
    return _generated(Compiler(script, path_code, constants, host, kept=kept), script)


def _generated(compiler: Compiler, script: tree.Script) -> Generated:
    code: Code = compiler.run()
    value = compiler.writer.use(code)
    lines = compiler.writer.lines
    return Generated(
        tuple("    " * line.indent + line.text for line in lines),
        value,
        code.kinds,
        tuple(line.offset for line in lines),
        script.statements[-1].start if script.statements else script.start,
        code.known,
        code.parts,
        code.written if not code.composite else None,
    )


def compile_script(
    script: tree.Script, path_code: Callable[[tree.Path], PathCode] | None = None
) -> Callable[[Host], Value]:
    """A function that runs the script in a host: as `evaluate`, but compiled.

    Paths are read through the host unless `path_code` says otherwise (its expressions may use `H`, the host). Errors
    carry the line and column of the expression, as the judge's do.
    """
    constants = Constants()

    def through_host(path: tree.Path) -> PathCode:
        return PathCode(f"H.read({constants.add(path)})", typed=True)

    try:
        compiler = Compiler(script, path_code or through_host, constants, "H", "V", marks=True)
        return _built(script, _generated(compiler, script), constants, exact=compiler.writer.exact)
    except (TooDeep, SyntaxError, RecursionError, MemoryError):
        return lambda host: evaluate(script, host)


_ENDING = (
    "    except s_ScriptError as E: s_locate(E); raise",
    "    except RecursionError: raise s_too_deep() from None",
)


def _built(
    script: tree.Script, generated: Generated, constants: Constants, *, exact: bool
) -> Callable[[Host], Value]:
    """The function around generated code; only one that reckons with decimals sets their context."""
    lines: list[str] = []
    places: list[tuple[int, tuple[Span, ...]]] = []

    def add(line: str, offset: int = script.start) -> None:
        text, spans = split(line)
        lines.append(text)
        places.append((offset, spans))

    add("def run(H):")
    add("    V = H.variables")
    if exact:
        add("    C = s_getcontext(); s_setcontext(s_EXACT)")
    add("    try:")
    for line, offset in zip(generated.statements, generated.offsets, strict=True):
        add("        " + line, offset)
    add(f"        return {generated.expression}", generated.offset)
    for line in _ENDING:
        add(line)
    if exact:
        add("    finally: s_setcontext(C)")
    name = f"<script {id(script):x}>"
    space = constants.names
    space["s_locate"] = Places(script, name, places).locate
    exec(compile("\n".join(lines) + "\n", name, "exec", dont_inherit=True), space)
    run: Callable[[Host], Value] = space["run"]
    return run
