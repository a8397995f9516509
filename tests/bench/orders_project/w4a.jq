{DE: "Germany", FR: "France", PT: "Portugal", GB: "United Kingdom", IT: "Italy",
 AT: "Austria", BE: "Belgium", DK: "Denmark", IE: "Ireland", ES: "Spain"} as $countries
| {A: 0.20, B: 0.10, C: 0.05} as $taxes
| (.customer.address | map(select(.type == "shipping")) | .[0]) as $ship
| [.lines[] | select(.qty > 0) | . + {net: (.qty * .price * (1 - .discount))}] as $kept
| {number: ("INV-" + .id), type: (.channel | ascii_upcase),
   issued: (.orderDate[8:10] + "/" + .orderDate[5:7] + "/" + .orderDate[0:4]),
   priority: (if .status == "express" or .channel == "edi" then "HIGH" else "NORMAL" end),
   currency,
   buyer: {code: .customer.id, name: ((.customer.lastName | ascii_upcase) + ", " + .customer.firstName),
           mail: (.customer.email | ascii_downcase), phone: (.customer.phone // "n/a"),
           country: $countries[$ship.country], shipTo: ($ship.street + ", " + $ship.zip + " " + $ship.city)},
   items: [$kept[] | {pos: .no, article: (.sku | ascii_upcase), text: .desc[0:20],
                   net: ((.net * 100 | round) / 100), tax: ((.net * $taxes[.taxCode] * 100 | round) / 100),
                   flag: (if .discount > 0 then "D" else "-" end)}],
   total: (([$kept[].net] | add // 0) * 100 | round / 100)}
  + (if .comment == null then {} else {note: .comment} end)
