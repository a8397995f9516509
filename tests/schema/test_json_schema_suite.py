"""The public suite of JSON Schema and real schemas: what valid documents imply holds of the trees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema.validators import validator_for
from referencing.jsonschema import EMPTY_REGISTRY

from studio.schema.cache import load_cache, write_cache
from studio.schema.json_schema.reader import read_json_schema
from studio.schema.read import read_schema
from tests.schema.json_suite import DRAFTS, Case, Facts, cases, distinct, judged, remotes
from tests.schema.trees import lines

# What this number of facts at least must be found in a draft, lest the check stop checking.
_AT_LEAST = {
    "draft3": 250,
    "draft4": 450,
    "draft6": 550,
    "draft7": 550,
    "draft2019-09": 850,
    "draft2020-12": 850,
}


@pytest.mark.parametrize("draft", DRAFTS)
def test_valid_documents_of_the_suite_have_their_places(shared: Path, tmp_path: Path, draft: str) -> None:
    suite = shared / "corpora" / "json-schema" / "json-schema-test-suite"
    shutil.copytree(suite / "remotes", tmp_path / "schemas")
    registry = remotes(suite, draft)
    count, wrong = 0, []
    for case in cases(suite, draft):
        path = tmp_path / "schemas" / "the-case.json"
        path.write_text(json.dumps(case.schema), encoding="utf-8")
        schema = read_json_schema(path)
        wrong += [f"{case.name}: {problem.message}" for problem in schema.problems]
        for document in case.documents:
            facts = Facts(schema, judged(case, document, registry))
            facts.check(document)
            count += facts.count
            wrong += [f"{case.name}: {one}" for one in facts.wrong]
    assert not wrong
    assert count >= _AT_LEAST[draft]


def test_every_real_schema_opens_and_is_the_same_from_its_cache(shared: Path, tmp_path: Path) -> None:
    folder = shared / "corpora" / "json-schema"
    files = [*(folder / "kaoto-json").rglob("*.json"), *(folder / "schemastore-picks").glob("*.json")]
    assert len(files) >= 30
    for path in files:
        schema = read_schema(path)
        assert schema.kind == "json-schema", path.name
        assert schema.roots, path.name
        if path.stat().st_size < 150_000:
            write_cache(schema, tmp_path / "cache")
            assert lines(load_cache(tmp_path / "cache"), depth=3) == lines(schema, depth=3), path.name
    # Neither files of the network nor files left out of the set are read; each is named once.
    missing = {path.name: [one.message for one in read_schema(path).problems] for path in files}
    told = {name: len(messages) for name, messages in missing.items() if messages}
    assert told == {
        "circleciconfig.json": 1,
        "eslintrc.json": 1,
        "geojson.json": 1,
        "openapi-3.X.json": 3,
        "schema-org-action.json": 1,
    }


def test_references_between_real_files(shared: Path) -> None:
    folder = shared / "corpora" / "json-schema" / "kaoto-json"
    order = read_schema(folder / "Order.schema.json")
    for path in (
        "/customer/billingAddress/street",
        "/customer/contact/email",
        "/totalAmount/amount",
        "/items/item/price/currency",
    ):
        assert order.find(path) is not None, path
    product = read_schema(folder / "nested" / "Product.schema.json")
    assert product.find("/price/amount") is not None
    assert not product.problems


def test_documents_of_real_schemas_have_their_places(shared: Path) -> None:
    folder = shared / "corpora" / "json-schema" / "schemastore-picks"
    path = folder / "feed-1.json"
    schema, value = read_schema(path), json.loads(path.read_text(encoding="utf-8"))
    count, wrong = 0, []
    for file in sorted((folder / "test" / "feed-1").glob("*.json")):
        document = distinct(json.loads(file.read_text(encoding="utf-8")))
        assert validator_for(value)(value).is_valid(document)
        facts = Facts(schema, judged(Case(file.name, value, []), document, EMPTY_REGISTRY))
        facts.check(document)
        count += facts.count
        wrong += facts.wrong
    assert not wrong
    assert count > 40


def test_schemas_that_explode_when_expanded_stay_small(shared: Path, tmp_path: Path) -> None:
    folder = shared / "corpora" / "json-schema"
    for path in (
        folder / "schemastore-picks" / "renovate-43.json",
        folder / "kaoto-json" / "camelYamlDsl.json",
    ):
        write_cache(read_schema(path), tmp_path / "cache")
        assert (tmp_path / "cache").stat().st_size < 3 * path.stat().st_size
