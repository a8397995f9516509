"""The map as text and back: the same map, the same rules, the right lines; whatever is typed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.model import Group, Join, Mapping, Rule, SchemaUse, Sort, Transformation
from studio.project.map_text import by_path, extent_at, extents, map_text, read_map, reading, written_extents

REF = "transformations/orders"
SCRIPTS = st.one_of(
    st.text(alphabet="ab[]\"'#: \n\\{}|>-é$", max_size=30),
    st.sampled_from(("[@id]", "a\nb\n\nc", "# no", "~")),
)
PATHS = st.lists(
    st.sampled_from([f"o/r/f{n}" for n in range(9)] + ["a::row", "o/r/@x", "o/q[1]", "/j/y"]), unique=True
)


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    made = []
    for path in draw(PATHS):
        rule = Rule(path, script=draw(SCRIPTS))
        if draw(st.booleans()):
            rule = replace(
                rule,
                loop=draw(st.none() | st.just("x/y")),
                when=draw(st.none() | SCRIPTS),
                note=draw(SCRIPTS),
                sort=draw(st.sampled_from(((), (Sort("[a]", True),)))),
                group=draw(st.sampled_from((None, Group(("[b]",), True)))),
                join=draw(st.sampled_from(({}, {"p": Join("p::row", {"k": "[k]"}, "left")}))),
            )
        made.append(rule)
    return tuple(made)


def transformation(mapping: Mapping) -> Transformation:
    return Transformation("Orders", SchemaUse("schemas/a.xsd", "o"), SchemaUse("schemas/b.xsd", "o"), mapping)


@given(rules(), rules())
def test_the_text_says_the_same_and_keeps_the_rules(own: tuple[Rule, ...], parked: tuple[Rule, ...]) -> None:
    before = transformation(Mapping(own, parked))
    text = map_text(REF, before)
    assert read_map(REF, text, before).value is before
    # Read against another map, it is the map of the text, and what is alike there stays the same object.
    other = transformation(Mapping(own[:-1]))
    found = read_map(REF, text, other).value
    assert found is not None
    assert map_text(REF, found) == text
    assert [a is b for a, b in zip(found.mapping.rules, own[:-1], strict=False)] == [True] * len(own[:-1])


@given(rules(), rules())
def test_every_rule_has_its_lines_and_they_say_it_alone(
    own: tuple[Rule, ...], parked: tuple[Rule, ...]
) -> None:
    text = map_text(REF, transformation(Mapping(own, parked)))
    lines = text.split("\n")
    found = extents(text)
    assert sorted(extent.path for extent in found) == sorted(rule.path for rule in (*own, *parked))
    for extent in found:
        assert extent.path.split("[")[0] in lines[extent.first - 1]
        assert extent_at(found, extent.last) == extent
    for rule in own:
        place = by_path(found)[rule.path]
        alone = "map:\n" + "\n".join(lines[place.first - 1 : place.last]) + "\n"
        head = text[: text.index("\nmap:\n") + 1]
        read = read_map(REF, head + alone, transformation(Mapping())).value
        assert read is not None
        assert read.mapping.rules == (rule,)


@given(st.text(alphabet="map: \n[]{}\"'#&*!|>-xy/", max_size=60))
def test_any_text_is_a_map_or_has_an_error_with_a_line(text: str) -> None:
    before = transformation(Mapping((Rule("o/r/a", script="1"),)))
    reading = read_map(REF, text, before)
    assert (reading.value is None) == (reading.error is not None)
    if reading.error is not None:
        assert reading.error.message
        extents(text)


def test_comments_are_told() -> None:
    before = transformation(Mapping((Rule("o/r/a", script="1"),)))
    text = map_text(REF, before)
    assert read_map(REF, text, before).comment is None
    told = read_map(REF, text.replace("map:", "# mine\nmap:"), before)
    assert told.value is before
    assert told.comment == text[: text.index("map:")].count("\n") + 1


@given(rules(), rules())
def test_where_written_rules_stand_is_known_without_reading_them(
    own: tuple[Rule, ...], parked: tuple[Rule, ...]
) -> None:
    value = transformation(Mapping(own, parked))
    text = map_text(REF, value)
    assert written_extents(text, value) == extents(text)
    # Of a text that is not the map's own the extents are read.
    assert written_extents("name: x\nmap: {o/q: '1'}\n", value) == extents("name: x\nmap: {o/q: '1'}\n")


def test_a_long_text_is_read_in_many_steps() -> None:
    value = transformation(Mapping(tuple(Rule(f"o/r/f{n}", script="[@id]\n+ 1") for n in range(2_000))))
    text = map_text(REF, value)
    steps = list(reading(REF, text, value))
    assert len(steps) > 10
    assert steps[-1] is not None
    assert steps[-1].value is value
    assert steps[-1].extents == extents(text)
    assert steps[:-1] == [None] * (len(steps) - 1)
    broken = list(reading(REF, text + "x: [", value))
    assert broken[-1] is not None
    assert broken[-1].error is not None
