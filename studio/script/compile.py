"""Scripts as Python: generated once, then run at the speed of hand-written code, with the judge's meaning."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass

from studio.script import tree
from studio.script.code import Code, Constants, TooDeep
from studio.script.errors import ScriptError
from studio.script.evaluate import evaluate
from studio.script.generate import PathCode
from studio.script.generate_calls import Compiler
from studio.script.host import Host
from studio.script.kinds import BOOL, NULL, TEXT, Kinds
from studio.script.tree import Value
from studio.script.values import EXACT

__all__ = ["Constants", "Generated", "Kinds", "PathCode", "TooDeep", "compile_script", "generate"]


@dataclass(frozen=True)
class Generated:
    """Python for one script.

    `statements` are lines (four blanks per level) that must run before `expression`, which gives the value; the value
    is of one of `kinds`. `offsets` are the places in the script that the statements come from, `offset` that of the
    expression. Around them the code needs the names of the Constants, the host's variable, and exact_arithmetic().
    """

    statements: tuple[str, ...]
    expression: str
    kinds: Kinds
    offsets: tuple[int, ...]
    offset: int
    constant: bool = False

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
) -> Generated:
    """Python that computes a script. `path_code` says how each path is read.

    A script that cannot work where the judge would fail raises the same RunError when it runs. Raises TooDeep for
    nesting that Python cannot hold: let the judge run such a script.
    """
    compiler = Compiler(script, path_code, constants, host)
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
    )


def compile_script(
    script: tree.Script, path_code: Callable[[tree.Path], PathCode] | None = None
) -> Callable[[Host], Value]:
    """A function that runs the script in a host: as `evaluate`, but compiled.

    Paths are read through the host unless `path_code` says otherwise (its expressions may use `H`, the host). Errors
    carry the line and column of the statement.
    """
    constants = Constants()

    def through_host(path: tree.Path) -> PathCode:
        return PathCode(f"H.read({constants.add(path)})", typed=True)

    try:
        generated = generate(script, path_code or through_host, constants)
        run = _built(script, generated, constants)
    except (TooDeep, SyntaxError, RecursionError, MemoryError):
        return lambda host: evaluate(script, host)
    return run


def _built(script: tree.Script, generated: Generated, constants: Constants) -> Callable[[Host], Value]:
    """The function around generated code."""
    lines = [
        "def run(H):",
        *("    " + line for line in generated.statements),
        f"    return {generated.expression}",
    ]
    source = "\n".join(lines) + "\n"
    name = f"<script {id(script):x}>"
    space = dict(constants.names)
    exec(compile(source, name, "exec"), space)
    run: Callable[[Host], Value] = space["run"]
    offsets = (script.start, *generated.offsets, generated.offset)

    def call(host: Host) -> Value:
        with decimal.localcontext(EXACT):
            try:
                return run(host)
            except ScriptError as error:
                locate(error, script, name, offsets)
                raise

    return call


def locate(error: ScriptError, script: tree.Script, name: str, offsets: tuple[int, ...]) -> None:
    """Give an error the place in the script of the generated line it left; `offsets` are those of the lines, from 1."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name and 0 < trace.tb_lineno <= len(offsets):
            error.at(script.text, offsets[trace.tb_lineno - 1], script.file)
        trace = trace.tb_next
