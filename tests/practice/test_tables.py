from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.practice.catalog import Catalog
from studio.practice.org import Org, standard_objects
from studio.practice.tables import read_objects

TABLE = """
# what we rent out
object Machine__c | auto | Machine | Machines
Serial__c | Serial Number | string(30)  | external unique case
Site__c   | Site          | reference(Account) Site__r/Machines__r | required
Kind__c   | Kind          | picklist Loom; *Spindle | restricted
Rate__c   | Rate          | currency(10,2)
"""


def test_a_custom_object_gets_what_every_custom_object_has() -> None:
    (machine,) = read_objects(TABLE)
    assert [field.name for field in machine.fields][:4] == ["Id", "IsDeleted", "OwnerId", "Name"]
    assert [field.name for field in machine.fields][-1] == "SystemModstamp"
    serial, kind, site = (machine.by_name[name] for name in ("serial__c", "kind__c", "site__c"))
    assert (serial.external, serial.unique, serial.case_sensitive, serial.id_lookup) == (
        True,
        True,
        True,
        True,
    )
    assert (kind.default, kind.restricted, kind.length) == ("Spindle", True, 255)
    assert [pick.value for pick in kind.picklist] == ["Loom", "Spindle"]
    assert (site.references, site.relationship, site.children) == (("Account",), "Site__r", "Machines__r")
    assert machine.required == (site,)


def test_a_detail_of_a_master_has_no_owner_and_goes_with_it() -> None:
    (part,) = read_objects(
        "object Part__c | a50 | Part | Parts\nM__c | M | reference(Machine__c) M__r master"
    )
    assert part.field("OwnerId") is None
    master = part.by_name["m__c"]
    assert (master.cascade, master.required, master.updateable) == (True, True, False)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Name | Name | string(80)", 1, "before the first object"),
        ("object Bad", 1, "does not read"),
        ("object 1Bad | a00 | B | B", 1, "object Name"),
        ("object A__c | a00 | A | As\nX__c | X | blob", 2, "blob is no field type"),
        ("object A__c | a00 | A | As\nX__c | X | string(30) | purple", 2, "purple is not a word"),
        ("object A__c | a00 | A | As\nX__c | X | string(many)", 2, "does not read"),
        ("object A__c | a00 | A | As\nX;DROP | X | string(3)", 2, "no field name"),
        ("object A__c | a00 | A | As\nX__c | X | picklist @nowhere", 2, "does not read"),
        ("object A__c | a00 | A | As\nX__c | X | string(9) | formula=rm", 2, "no formula"),
        ("object A__c | a00 | A | As\nX__c", 2, "does not read"),
        ("object A__c | a00 | A | As\n+nothing", 2, "+nothing"),
    ],
)
def test_a_line_that_does_not_read_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_objects(text, file="machines.txt")
    assert (caught.value.file, caught.value.line) == ("machines.txt", line)
    assert words in str(caught.value)
    assert caught.value.next_step


def test_a_field_described_twice_and_an_endless_table_are_refused() -> None:
    with pytest.raises(BadInput, match="described twice"):
        read_objects("object A__c | a00 | A | As\nx__c | X | date\nX__C | X | date")
    with pytest.raises(BadInput, match="more than 1000 lines"):
        read_objects("# nothing\n" * 1001)


def test_prefixes_of_added_objects_do_not_collide() -> None:
    catalog = Catalog()
    for sobject in standard_objects():
        catalog.add(sobject)
    (machine,) = read_objects(TABLE, catalog=catalog)
    assert machine.prefix == "a02"
    with pytest.raises(BadInput, match="prefix 001 is taken"):
        read_objects("object A__c | 001 | A | As", catalog=catalog)
    with pytest.raises(BadInput, match="ends with __c"):
        read_objects("object Account | 001 | A | As", catalog=catalog)


def test_every_reference_back_has_a_name_of_its_own() -> None:
    catalog = Catalog()
    for sobject in standard_objects():
        catalog.add(sobject)
    for sobject in catalog:
        names = [link.field.children for link in catalog.children(sobject) if link.field.children]
        assert len(names) == len(set(names)), sobject.name
        assert len({field.name.lower() for field in sobject.fields}) == len(sobject.fields)


def test_added_objects_and_their_prefix_outlive_the_org(tmp_path: Path) -> None:
    file = tmp_path / "machines.txt"
    file.write_text(TABLE)
    first = Org.open(tmp_path / "data", objects=[file], seed=False)
    first.close()
    again = Org.open(tmp_path / "data", seed=False)
    machine = again.catalog.get("machine__C")
    again.close()
    assert machine is not None
    assert machine.prefix == "a02"


def test_a_column_added_to_an_object_later_is_there(tmp_path: Path) -> None:
    org = Org.open(tmp_path / "data", seed=False)
    org.add_objects(TABLE)
    org.add_objects(TABLE + "Colour__c | Colour | string(20)\n")
    org.store.connection().execute('SELECT "Colour__c" FROM "Machine__c"')
    org.close()
