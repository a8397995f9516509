"""Faults that nobody can see: the code means the same with them, or only takes longer; each with the reason."""

from __future__ import annotations

# module, function, statement as `ast` spells it, what is done to it, which of those alike in the statement (Mutant.meaning)
EQUIVALENT: dict[tuple[str, str, str, str, int], str] = {
    (
        "generate.scripts",
        "Scripts._path_code",
        "return PathCode(value, read.base, blank=cell.text, number=None if cell.few else cell.number)",
        "always",
        1,
    ): "the number read ahead saves time alone: without it the number is made of the cell's text",
    (
        "formats.json_quick",
        "Quick._note",
        "below = (*chain, 'item') if shape.entries else chain",
        "never",
        1,
    ): "what the quick reader then takes for a text is refused by the decoder, and the plain reader reads it",
    (
        "formats.xml_read",
        "XmlUnits._elements",
        "if rest:",
        "always",
        1,
    ): "to feed a parser nothing does nothing, and an empty document is refused by its prolog before",
    (
        "formats.parquet_write",
        "ParquetEncoder._written",
        "connection.execute(\"SET TimeZone = 'UTC'\")",
        "left out",
        1,
    ): "DuckDB's reader of JSON takes a moment without a zone as one of UTC whatever the session's zone",
    (
        "formats.edi_place",
        "Placer._misplaced",
        "loop = len(way) > 1 or bool(way[0].parts)",
        "one more",
        1,
    ): "the first of a way of two holds the second, so that it has parts",
    (
        "generate.emit_edi",
        "EdiEmitter.complex",
        "if own is not None:",
        "never",
        1,
    ): "the compiler refuses a value for a segment, a loop or a composite, so that none has a text of its own",
    (
        "generate.reads",
        "Reads._picks",
        "if ('list', chain) in way.ref.row.index:",
        "compares otherwise",
        1,
    ): "a step into a list has an index or visits all, so that none is left here; the loop then written gives the same",
    (
        "generate.reads",
        "_nearest",
        "if not found:",
        "never",
        1,
    ): "what lies above a record is told as outside it and declined before; every loop inside it has its rows here",
    (
        "formats.xml_scanning",
        "Scanning._learned",
        "return True",
        "gives nothing",
        1,
    ): "the form is learned of one record at a time; a record it does not fit is parsed, and learned of: only slower",
}
