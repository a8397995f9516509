"""Names as words: split, unaccented, written out, and translated so that `dtPedido` and `order_date` meet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_CUSTOM = re.compile(r"__(?:c|r|pc|e|mdt|x)$", re.IGNORECASE)

# What a word stands for, in common words of English: abbreviations, other spellings, synonyms, Portuguese.
_MEANINGS = """
acc acct conta = account
addr endereco address1 = address
anual = annual
amt valor montante vlr vl = amount
avg = average
bairro = district
bal saldo = balance
bday = birth date
birthdate birthday dob nascimento = birth date
bill faturamento cobranca = billing
carrier transportadora = carrier
categoria = category
cd cod codigo = code
cel celular mobilephone cellphone cell = mobile phone
cep postcode postalcode zip zipcode = postal code
cgc cnpj cpf vatid taxid = tax id
cidade municipio town = city
cliente cust client buyer comprador = customer
cmpl complemento = complement
comentario comments observacao obs remark remarks nota notes = note
company empresa companhia organisation organization org razao = company
complete completo = full
contato = contact
ctry pais nation = country
curr ccy moeda = currency
data dt = date
dept departamento = department
desc descr descricao = description
desconto disc rebate = discount
due vencimento vcto = due
emailaddress = email
emissao emitido issued = issue
emp employees funcionarios = employee
entrega shipto deliveryto = delivery
estado uf province region regiao = state
estoque inventory = stock
faturamentoanual revenue receita = revenue
fim = end
firstname given forename prenome = first name
fone tel telephone telefone phonenumber = phone
forn fornecedor vendor = supplier
freight frete = freight
frequency frequencia = frequency
fullname = full name
gender sexo = gender
house housenumber = house number
idioma lang = language
imposto vat = tax
inicio begin = start
inv fatura = invoice
item itens linha position = line
lastname surname family sobrenome = last name
lat = latitude
lon lng = longitude
mail = email
marca = brand
material mercadoria artigo article produto prod = product
max maximo = maximum
mensagem msg = message
min minimo = minimum
motivo = reason
nm nome = name
no nr num numero nbr = number
ocupacao cargo jobtitle = title
ord pedido purchaseorder po encomenda = order
origem = origin
pagamento paid pago pmt = payment
parent superior = parent
peso = weight
placed criado createdat created = created
preco pr valorunitario = price
prazo = term
primeiro = first
proprietario dono = owner
qtd qtde qty quant quantidade = quantity
ramo = industry
ref referencia = reference
responsavel = owner
rua logradouro str address2 = street
segmento = segment
senha pwd = password
serie = series
shipping remessa envio = shipping
site url homepage web = website
situacao status = status
sku = product code
soma sum = total
subtotal = sub total
taxa = rate
tipo typ = type
titulo = title
ultimo = last
ultima = last
unid unidade uom = unit
unitprice = unit price
usuario usr = user
vendas venda = sale
vendedor = seller
wt = weight
"""
# Words that say little: half of all fields have them.
_COMMON = frozenset(
    [
        "id",
        "code",
        "number",
        "name",
        "type",
        "value",
        "text",
        "date",
        "key",
        "status",
        "total",
        "line",
        "item",
        "field",
        "data",
        "amount",
    ]
)
# Words between others.
_FILLERS = frozenset(
    [
        "of",
        "the",
        "and",
        "to",
        "for",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "e",
        "o",
        "a",
        "os",
        "as",
        "para",
        "em",
        "um",
        "uma",
        "is",
    ]
)


def _meanings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _MEANINGS.strip().splitlines():
        words, _mark, meaning = line.partition(" = ")
        for word in words.split():
            found[word] = tuple(meaning.split())
    return found


_MEANING = _meanings()


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in their common form and each once: `QtdItens` → quantity, line."""
    result: dict[str, None] = {}
    for word in split(name):
        for part in _MEANING.get(word) or _MEANING.get(_singular(word)) or (_singular(word),):
            if part not in _FILLERS:
                result.setdefault(part)
    return tuple(result)


@lru_cache(maxsize=50_000)
def split(name: str) -> tuple[str, ...]:
    """The words of a name as written, in lower case without accents; a custom field's suffix is left out."""
    plain = unicodedata.normalize("NFKD", _CUSTOM.sub("", name))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(part.lower() for part in _PARTS.findall(plain))


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """The name with spelling set aside: `Billing_City` and `billingCity` are the same."""
    return "".join(split(name))


def weight(word: str) -> float:
    """How much a word tells."""
    return 0.5 if word in _COMMON or word.isdigit() else 1.0


@lru_cache(maxsize=100_000)
def likeness(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    """How much two sets of words have in common, from 0 to 1; words that say little count half."""
    one, other = set(left), set(right)
    if not one or not other:
        return 0.0
    shared = one & other
    common = sum(map(weight, shared))
    for word in one - shared:
        common += max((0.8 * weight(word) for rest in other - shared if _alike(word, rest)), default=0.0)
    return 2 * common / (sum(map(weight, one)) + sum(map(weight, other)))


def _alike(left: str, right: str) -> bool:
    """One begins with the other, or both begin with the same long part."""
    short, long = sorted((left, right), key=len)
    if len(short) < 4:
        return False
    return long.startswith(short) or (short[:5] == long[:5] and len(short) >= 6)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
