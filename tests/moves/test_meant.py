"""Columns of users' files find the standard fields by what their words and values mean; the weak ones are only proposed."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.connectors.salesforce.describe import Field, ObjectFacts, facts, read_describe
from studio.moves.maps.automap import Automap, Why, automap
from studio.moves.model import Action
from tests.moves.facts import ACCOUNT

# Files as people keep them, a column and the field it is meant for (empty: none of the object's).
FILES = {
    "Account, written in Brazil": (
        "Account",
        "Nome da conta=Name, Telefone=Phone, Setor=Industry, Cidade=BillingCity, Receita anual=AnnualRevenue,"
        "Funcionários=NumberOfEmployees, CEP=BillingPostalCode, Estado=BillingState, País=BillingCountry,"
        "Endereço de cobrança=BillingStreet, Cidade de entrega=ShippingCity, CEP de entrega=ShippingPostalCode,"
        "Descrição=Description, Tipo=Type, CNPJ=, Última compra=",
    ),
    "Account, from a ledger": (
        "Account",
        "Razão social=Name, Nome fantasia=Tradestyle, Fone=Phone, Logradouro=BillingStreet, Município=BillingCity,"
        "UF=BillingState, Nº de funcionários=NumberOfEmployees, Faturamento anual=AnnualRevenue, Inscrição estadual=",
    ),
    "Account, English": (
        "Account",
        "Company Name=Name, Telephone=Phone, Sector=Industry, Town=BillingCity, Zip=BillingPostalCode,"
        "Country=BillingCountry, Web page=Website, Annual Turnover=AnnualRevenue, No. of employees=NumberOfEmployees,"
        "Ship To City=ShippingCity, Ship To Zip=ShippingPostalCode, Fiscal code=, Last invoice=",
    ),
    "Contact, written in Brazil": (
        "Contact",
        "Nome=FirstName, Sobrenome=LastName, E-mail=Email, Telefone=Phone, Celular=MobilePhone, Cargo=Title,"
        "Departamento=Department, Data de nascimento=Birthdate, Cidade=MailingCity, UF=MailingState,"
        "CEP=MailingPostalCode, Rua=MailingStreet, Saudação=Salutation, Telefone residencial=HomePhone, CPF=, RG=",
    ),
    "Contact, English": (
        "Contact",
        "Given name=FirstName, Surname=LastName, Mail=Email, Cell phone=MobilePhone, Job Title=Title, Dept=Department,"
        "Date of birth=Birthdate, Zip=MailingPostalCode, Town=MailingCity, Country=MailingCountry, Badge=",
    ),
    "Lead, written in Brazil": (
        "Lead",
        "Primeiro nome=FirstName, Sobrenome=LastName, Empresa=Company, E-mail=Email, Telefone=Phone, Celular=MobilePhone,"
        "Cidade=City, Estado=State, CEP=PostalCode, País=Country, Origem=LeadSource, Situação=Status, Setor=Industry,"
        "Cargo=Title, Site=Website, Endereço=Street, Receita anual=AnnualRevenue, Observação interna=",
    ),
    "Lead, English": (
        "Lead",
        "First=FirstName, Family name=LastName, Organisation=Company, Email address=Email, Mobile=MobilePhone, Zip=PostalCode,"
        "Origin=LeadSource, Occupation=Title, Homepage=Website, Score=",
    ),
    "Opportunity, written in Brazil": (
        "Opportunity",
        "Nome da oportunidade=Name, Fase=StageName, Data de fechamento=CloseDate, Valor=Amount, Probabilidade=Probability,"
        "Tipo=Type, Próximo passo=NextStep, Origem do lead=LeadSource, Descrição=Description, Comissão=",
    ),
    "Opportunity, English": (
        "Opportunity",
        "Deal name=Name, Stage=StageName, Close dt=CloseDate, Amt=Amount, Next steps=NextStep, Desc=Description, Margin=",
    ),
}  # fmt: skip


def columns(name: str) -> dict[str, str]:
    return {
        column.strip(): field
        for column, _is, field in (one.partition("=") for one in FILES[name][1].split(","))
    }


@pytest.fixture
def found(shared: Path) -> dict[str, Automap]:
    folder = shared / "corpora" / "salesforce" / "describe"
    return {
        name: automap(
            list(columns(name)), facts(read_describe((folder / f"{of}.json").read_bytes())), Action.INSERT
        )
        for name, (of, _columns) in FILES.items()
    }


def test_what_is_taken_of_real_headers_is_right_and_most_is_taken(found: dict[str, Automap]) -> None:
    gold = {(name, column): field for name in FILES for column, field in columns(name).items()}
    taken = {(name, match.column): match.field for name, each in found.items() for match in each.matches}
    wrong = {key: field for key, field in taken.items() if gold[key] != field}
    right = len(taken) - len(wrong)
    wanted = sum(bool(field) for field in gold.values())
    missed = sorted(key for key, field in gold.items() if field and key not in taken)
    assert wanted >= 60
    assert right >= 0.95 * len(taken), wrong
    assert right >= 0.85 * wanted, missed


def test_no_field_is_given_twice(found: dict[str, Automap]) -> None:
    for each in found.values():
        fields = [match.field for match in (*each.matches, *each.proposed)]
        assert len(fields) == len(set(fields))
        assert {match.column for match in each.proposed} <= set(each.unmapped)


def test_a_first_file_of_a_new_user(found: dict[str, Automap]) -> None:
    each = found["Account, written in Brazil"]
    assert set(each.unmapped) == {"CNPJ", "Última compra"}
    assert {match.why for match in each.matches} == {Why.MEANING}


def test_two_columns_of_one_meaning_draw() -> None:
    found = automap(["Telefone", "Fone"], ACCOUNT, Action.INSERT)
    assert found.matches == ()
    assert [(match.column, match.field) for match in found.proposed] == [("Telefone", "Phone")]
    assert found.unmapped == ("Telefone", "Fone")


def test_values_speak_against_a_meaning() -> None:
    sure = automap(["Telefone"], ACCOUNT, Action.INSERT, samples={"Telefone": ["+55 11 4002-8922"]})
    assert [match.field for match in sure.matches] == ["Phone"]
    other = automap(["Telefone"], ACCOUNT, Action.INSERT, samples={"Telefone": ["sim", "não"]})
    assert other.matches == ()


def test_ids_are_told_by_what_they_begin_with() -> None:
    header = ["Registro", "Conta pai"]
    ids, parents = ["001Hs00001abcdeIAA"], ["001Hs00001abcdfIAA"]
    found = automap(header, ACCOUNT, Action.UPDATE, samples={"Registro": ids, "Conta pai": parents})
    assert {(match.column, match.field) for match in found.matches} == {
        ("Registro", "Id"),
        ("Conta pai", "ParentId"),
    }
    names = automap(header, ACCOUNT, Action.UPDATE, samples={"Conta pai": ["Mercado Azul"]})
    assert names.matches == ()
    assert [(match.column, match.field) for match in names.proposed] == [("Conta pai", "ParentId")]


def test_values_of_one_field_alone_are_proposed() -> None:
    levels = Field("Level__c", "Level", "picklist", values=("Gold", "Silver", "Bronze"))
    mail = Field("Contact__c", "Answers to", "email")
    facts_of = ObjectFacts("Thing__c", "Thing", (levels, mail))
    samples = {
        "X1": ["Gold", "Bronze", "Silver"],
        "X2": ["a@b.co", "c@d.co", "e@f.co"],
        "X3": ["1", "2", "3"],
    }
    found = automap(["X1", "X2", "X3"], facts_of, Action.INSERT, samples=samples)
    assert found.matches == ()
    assert [(match.column, match.field, match.why) for match in found.proposed] == [
        ("X1", "Level__c", Why.VALUES),
        ("X2", "Contact__c", Why.VALUES),
    ]
