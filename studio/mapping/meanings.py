"""What words of names stand for: abbreviations, other spellings, synonyms, Portuguese; in common words of English."""

from __future__ import annotations

_MEANINGS = """
acc acct conta konto = account
ativo = active
addr adr adres anschrift endereco = address
additionalstreetname cmpl complemento cpl linetwo streetadditional = address complement
idade = age
amt betrag importo monetary montante valor vl vlr = amount
anual = annual
anexo attach attached = attachment
avg = average
bal saldo = balance
banco = bank
codbarras codigobarras ean gtin upc = barcode
basis taxable = base
swift = bic
bill billto cobranca faturacao = billing
bday birth birthdate birthday born dob dtnascimento nascimento = birth date
agencia = branch
fabricante make manufacturer marca = brand
transporta transportador transportadora = carrier
categoria categories group groups grupo kategorie = category
centre centro = center
acrescimo surcharge = charge
cheque = check
cidade mun municipality municipio town = city
classificacao classification rating = class
cd cde cod codigo = code
colour cor = color
business companhia corporation empresa firma org organisation organization = company
razao social = company name
contacto contato kontakt = contact
contrato = contract
custo = cost
ctry land nation pais = country
cadastro createdat criacao criado datecreated placed = created
credito = credit
cdtr credor = creditor
ccy cur curr moeda waehrung = currency
checking corrente = current
buyer client cliente comprador cust dest destinatario purchaser = customer
dat data dt = date
dia = day
debito = debit
dbtr devedor = debtor
departamento dept = department
dependente dependentes dependents = dependent
desc descr descricao dsc = description
abatimento allowance coupon cupom desconto descto disc rebate reduction voucher = discount
despatch envio remessa = dispatch
bairro neighborhood neighbourhood = district
doc documento = document
payby vcto venc vencimento = due
escolaridade formacao instrucao = education
correio electronicmail emailaddress mail = email
colaborador colaboradores emp employees empregado empregados funcionario funcionarios = employee
headcount = employee
fim final finish until = end
cambio fx = exchange
exempt isencao = exemption
fechamento = close
arquivo filename = file
fin = financial
primeira primeiro = first
firstname forename given givenname prenome vorname = first name
carriage frete = freight
frequencia = frequency
complete completo = full
fullname nomecompleto = full name
genero sex sexo = gender
altura = height
admissao contratacao hired hiring = hire
casa residence residencial = home
bldgnb buildingnumber house housenumber nro = house number
iban = iban account
ident identificacao identificador identification identifier = id
foto imagem img photo picture = image
atividade ramo ramoatividade sector setor = industry
initg = initiating
dup duplicata instalment parcela parcelas = installment
instituicao instn = institution
instr = instruction
estoque saldoestoque stock = inventory
fatura inv nf = invoice
emi emissao emitido iss issued = issue
chave = key
labels membership = label
idioma lang lingua = language
latest ultima ultimo = last
apelido family familyname lastname sobrenome surname = last name
lat = latitude
juridico = legal
legalname razaosocial registrationname = legal name
comprimento = length
nivel = level
limite = limit
item itens lineitem lineitems linha posicao position = line
href src = link
lng lon = longitude
correspondencia = mailing
boss chefe gerente gestor superior = manager
mandato = mandate
civil = marital
estadocivil maritalstatus = marital status
max maximo = maximum
mensagem msg = message
forma gateway means meio metodo modalidade mode = method
additionalname middle middlename secondname = middle name
min minimo = minimum
cel cell cellphone celular mobile mobilephone movel telcelular telefonecelular = mobile phone
modelo = model
mes = month
naam nm nme nome = name
proximo = next
annotation comentario comentarios comment comments memo nota notes obs observacao = note
observacoes remark remarks = note
nbr no nr num numero = number
bestellung encomenda ord pedido po purchaseorder = order
deal negocio negociacao oportunidade = opportunity
passo = step
probabilidade = probability
alternative othr outro secondary = other
dono proprietario representante responsavel salesman salesperson salesrep vendedor = owner
pai = parent
parceiro parte partner = party
pwd senha = password
beneficiario beneficiary = payee
pagamento pago paid pay payments pmt zahlung = payment
aliquota applicablepercent pct percentage porcentagem rate rateapplicablepercent taxa = percent
periodo = period
pessoa = person
fone phoneno phonenumber tel telefone telefono telephone = phone
cep plz postalcode postalzone postcode pstcd pstlz zip zipcode zipplus = postal code
pr prc preco preis valorunitario = price
main master principal = primary
article artigo good goods material mercadoria merchandise prod produto = product
itemcode sku variantsku = product code
projeto = project
publico = public
billedquantity invoicedquantity menge qnt qtd qtde qty quant quantidade = quantity
avaliacao = rating
motivo = reason
consignee recebedor recipient = receiver
ref referenced referencia = reference
matricula registro = registration
rmtinf = remittance
faturamento faturamentoanual receita turnover = revenue
ordenado salario wage = salary
venda vendas = sale
honorific prefix prefixo saudacao tratamento = salutation
segmento = segment
seq sequencial = sequence
serial serie = series
servico svc = service
turno = shift
deliverto deliveryto entrega ship shipment shipto = shipping
tamanho = size
fonte origem origin = source
begin established foundation founded from fundacao inicio since started = start
estagio etapa fase = stage
countrysubdivision countrysubentity estado province provincecode provincia regiao region = state
statecode subdivision subentity uf = state
sit situacao stat = status
addressline addrline adrline lgr lineone logradouro rua str streetname strt strtnm = street
subtotal = sub total
assunto = subject
sufixo = suffix
emit emitente forn fornecedor seller shipper vendor = supplier
gst imposto iva taxes tributo vat = tax
cgc cnpj cpf nif taxid taxnumber vatid vatno vatnumber = tax id
condicao condicoes conditions prazo terms = term
demissao desligamento rescisao terminated = termination
content conteudo texto = text
hora hr = time
cargo funcao jobtitle occupation ocupacao titulo = title
soma sum totals = total
fant fantasia nomefantasia tradename tradestyle tradingbusinessname tradingname = trade name
tipo tp typ = type
um un und unid unidade unitario uom = unit
measureunit unitcode = unit code
unitprice = unit price
usr usuario = user
variacao variante variation = variant
versao = version
vol = volume
armazem deposito wh = warehouse
homepage site uri url web webpage www = website
gewicht grams peso wt = weight
largura = width
comercial office trabalho = work
ano jahr yr = year
"""

# Words of English that need no other, for words written together: `orderdate`.
_PLAIN = """
account active actual address amount base billing birth brand buyer carrier charge city code contact contract cost count
country created currency customer date day delivery description discount document due email employee end exempt extension
fax file final first from gross group hire holder home house house image index invoice issue item job key last legal
level limit line list location lot mailing manager method middle mobile modified month name net next note number office
order owner parent party payment person phone postal price primary product purchase quantity rate reason record
reference region registration request row sale second service shipping site size start state status street supplier tax
term text time title total trade type unit update user value vendor version week weight work year zip zone
"""

# Words often used for one another, though they do not mean the same.
_RELATED = """
code id key number
name title label description subject
description note text reason message content label
price amount total cost value rate charge fee
amount value sum balance revenue
quantity count number size
type kind category class group segment
created issue order start established
date time period
created date
updated modified last
line product part
shipping delivery dispatch
billing invoice account customer
mailing billing street address
status state active
company name party person
customer person contact account party
supplier brand company
percent rate
method code means type
last end
owner manager
link key
"""


def related_words() -> dict[str, frozenset[str]]:
    """The words often used for a word, by word."""
    found: dict[str, set[str]] = {}
    for line in _RELATED.strip().splitlines():
        words = line.split()
        for word in words:
            found.setdefault(word, set()).update(words)
    return {word: frozenset(others - {word}) for word, others in found.items()}


def meanings() -> dict[str, tuple[str, ...]]:
    """The words that a word stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _MEANINGS.strip().splitlines():
        words, _mark, meaning = line.partition(" = ")
        for word in words.split():
            found[word] = tuple(meaning.split())
    return found


def known_words() -> frozenset[str]:
    """Every word that is known as one."""
    found = meanings()
    return frozenset((*found, *(word for words in found.values() for word in words), *_PLAIN.split()))
