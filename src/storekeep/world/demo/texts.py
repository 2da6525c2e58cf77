"""Texts of the demo shop: its pages, the people who shop there and what they write when something is wrong.

Shop, people and addresses are invented. Mail addresses use the reserved example domains, and telephone numbers
are from the ranges that some countries keep free for fiction; elsewhere there is none.
"""

# ruff: noqa: E501 - a paragraph of Markdown is one line, so that the plainest renderer shows it as one
from __future__ import annotations

from storekeep.world.demo.model import DemoPage, DemoProblem, DemoShopper

PAGES: tuple[DemoPage, ...] = (
    DemoPage(
        "about",
        "About and contact",
        """Hearth & Table is an invented shop for kitchen and table goods. It exists so that you can try the software behind it: every order, parcel and payment here is played, and nothing is ever sent or charged.

## What we would do if we were real

We would keep about 150 things that are used every day and can be repaired, refilled or at least washed. Each one would be described by its material, its size and how to care for it.

## Contact

- Use the contact form on this site. An answer comes within one working day.
- If something is wrong with an order, open the order page from your confirmation mail and choose "Something is wrong". Then we see at once which parcel you mean.

Hearth & Table, 1 Example Lane, Dublin, Ireland
""",
    ),
    DemoPage(
        "delivery",
        "Delivery",
        """We deliver to Germany, Austria, France, the Netherlands, Belgium, Ireland and other countries of the European Union, and to the United Kingdom, Switzerland and the United States.

## When it comes

Each product page and the checkout show a delivery date. It is worked out from what is in stock, when we pack, and how long the carrier takes to your postcode. Orders placed before noon on a working day are usually packed the same day.

## What it costs

The price of delivery depends on the country and the weight of the parcel. You see it in the cart before you enter an address, and it does not change afterwards.

## Tracking

A link to your parcel is in the mail we send when it leaves. The same link shows what to do if it is late.

## Outside the European Union

Prices for the United Kingdom, Switzerland and the United States are shown without tax. Import charges, where there are any, are collected by the carrier.
""",
    ),
    DemoPage(
        "returns",
        "Returns",
        """You may send back anything you do not want to keep within 30 days after it arrived. You need not give a reason.

## How to do it

1. Open your order from the confirmation mail, or enter the order number and your mail address.
2. Choose what you are sending back, and how many.
3. Pack it well and use the address on the return slip.

When the goods are back and we have looked at them, we pay the money back the way you paid. This takes at most 14 days.

## Withdrawing from the contract

Customers in the European Union may withdraw from the contract within 14 days after delivery. The link "Withdraw from contract here" at the foot of every page does it in two steps and without an account. You get a receipt by mail at once.

## What cannot come back

Food that has been opened, for reasons of hygiene. If food arrives damaged, tell us and we replace it.

## Something arrived broken

Then it is our matter, not yours. Send a picture through the order page. We send a replacement or the money, as you prefer, and you need not return the pieces.
""",
    ),
    DemoPage(
        "terms",
        "Terms",
        """These terms are those of an invented shop. No contract with real duties comes about here.

## Order and contract

Your order is an offer. The contract is made when we confirm it by mail. If we cannot deliver something, we say so before any money is taken for it.

## Prices and payment

Prices for customers in the European Union include value added tax. The amount is reserved when you order and taken when the parcel is ready to leave. If an order is cancelled before that, nothing is taken.

## Delivery and risk

Until a parcel is in your hands, the risk of loss or damage is ours.

## Faults

The legal guarantee of two years applies to everything we sell. Differences in glaze, grain and weave are part of things made by hand and are not faults.

## Disputes

We would rather talk first. Customers keep the protection of the law of the country in which they live.
""",
    ),
    DemoPage(
        "privacy",
        "Privacy",
        """We keep what we need to deliver an order, and nothing else.

## What we keep

- Your name, address and mail address, to send the order and to write to you about it.
- What you ordered, paid and sent back, because the law asks us to keep it for accounting.
- What you write to us, so that we can answer.

Card details are entered on the page of the payment provider. They never reach us.

## Cookies

We set only the cookies that the cart and the log-in need. There is no tracking, so there is no banner to click away.

## Who sees it

The carrier gets your name and address, and a telephone number if you gave one. The payment provider gets the amount and the order number. Nobody else gets anything.

## Your rights

You may ask for a copy of everything we hold about you, have it corrected, or have it erased as far as accounting law allows. Write to us through the contact form.
""",
    ),
)


def _people(*rows: str) -> tuple[DemoShopper, ...]:
    """Read rows of name | mail | line 1 | line 2 | city | postcode | region | country | phone."""
    return tuple(DemoShopper(*(part.strip() for part in row.split("|"))) for row in rows)


SHOPPERS: tuple[DemoShopper, ...] = _people(
    "Tilda Teekanne | tilda.teekanne@example.com | Kesselweg 4 | 2. Stock | Berlin | 10115 | | DE | +49 30 23125 001",
    "Benno Butterbrot | benno.butterbrot@example.org | Krumenstraße 18 | | Hamburg | 20095 | | DE | +49 40 66969 002",
    "Frieda Fingerhut | frieda.fingerhut@example.com | Nähgasse 7 | | Köln | 50667 | | DE | +49 221 4710 003",
    "Otto Ofenrohr | otto.ofenrohr@example.org | Am Kamin 21 | Hinterhaus | Leipzig | 04109 | | DE | +49 30 23125 004",
    "Paula Pfefferkorn | paula.pfefferkorn@example.com | Mühlenpfad 3 | | Freiburg im Breisgau | 79098 | | "
    "DE | +49 30 23125 005",
    "Karl Kaffeesatz | karl.kaffeesatz@example.com | Bohnenallee 55 | | München | 80331 | | DE | +49 89 99998 006",
    "Wilma Waffeleisen | wilma.waffeleisen@example.org | Teigplatz 1 | c/o Rührschüssel | Bremen | 28195 | "
    "| DE | +49 30 23125 007",
    "Gustav Gugelhupf | gustav.gugelhupf@example.com | Zuckerhutstraße 9 | | Dresden | 01067 | | DE | +49 30 23125 008",
    "Mina Marmelade | mina.marmelade@example.org | Quittenring 30 | | Kassel | 34117 | | DE | ",
    "Resi Reindling | resi.reindling@example.com | Strudelgasse 12 | Tür 5 | Wien | 1010 | | AT | ",
    "Poldi Palatschinke | poldi.palatschinke@example.org | Pfannensteig 2 | | Graz | 8010 | | AT | ",
    "Vroni Vanillekipferl | vroni.vanillekipferl@example.com | Adventweg 24 | | Salzburg | 5020 | | AT | "
    "+43 1 5550 103",
    "Sepp Semmelknödel | sepp.semmelknoedel@example.com | Suppenzeile 8 | | Innsbruck | 6020 | | AT | ",
    "Colette Casserole | colette.casserole@example.com | 14 rue de la Louche | Bât. B | Lyon | 69001 | | "
    "FR | +33 1 99 00 12 01",
    "Gaston Grandgratin | gaston.grandgratin@example.org | 3 place du Fouet | | Paris | 75011 | | FR | +33 "
    "1 99 00 12 02",
    "Margot Moutarde | margot.moutarde@example.com | 27 chemin des Cornichons | | Dijon | 21000 | | FR | "
    "+33 1 99 00 12 03",
    "Basile Baguette | basile.baguette@example.org | 5 quai du Levain | 3e étage | Nantes | 44000 | | FR | "
    "+33 1 99 00 12 04",
    "Odette Omelette | odette.omelette@example.com | 8 impasse de la Poêle | | Toulouse | 31000 | | FR | ",
    "Saar Stroopwafel | saar.stroopwafel@example.com | Koekjeskade 11 | | Amsterdam | 1012 AB | | NL | ",
    "Joop Jampot | joop.jampot@example.org | Bessenlaan 40 | | Utrecht | 3511 CD | | NL | ",
    "Fenna Fluitketel | fenna.fluitketel@example.com | Stoomstraat 6 | bis | Rotterdam | 3011 EF | | NL | "
    "+31 20 555 0103",
    "Pim Pannenkoek | pim.pannenkoek@example.com | Beslagplein 2 | | Groningen | 9711 GH | | NL | ",
    "Nora Noggin | nora.noggin@example.com | 9 Kettle Row | | Dublin | D02 X285 | | IE | +353 20 910 1001",
    "Fergus Flapjack | fergus.flapjack@example.org | 22 Griddle Street | Flat 1 | Cork | T12 W8KP | | IE | "
    "+353 20 910 1002",
    "Orla Oatcake | orla.oatcake@example.com | 5 Porridge Lane | | Galway | H91 E2K3 | | IE | +353 20 910 1003",
    "Wannes Wafelijzer | wannes.wafelijzer@example.com | Suikerstraat 17 | | Gent | 9000 | | BE | ",
    "Zoé Zeste | zoe.zeste@example.org | Rue du Presse-citron 31 | | Liège | 4000 | | BE | ",
    "Pia Pestello | pia.pestello@example.com | Via del Mortaio 6 | | Genova | 16121 | GE | IT | ",
    "Lello Lasagna | lello.lasagna@example.org | Vicolo della Teglia 13 | | Bologna | 40121 | BO | IT | "
    "+39 06 5550 102",
    "Curra Cucharón | curra.cucharon@example.com | Calle del Puchero 19 | 2.º B | Sevilla | 41001 | | ES | "
    "+34 91 555 01 01",
    "Smilla Smørkniv | smilla.smoerkniv@example.com | Rugbrødsvej 44 | | Aarhus | 8000 | | DK | ",
    "Kasimir Kopytka | kasimir.kopytka@example.org | ul. Chochli 10/4 | | Kraków | 30-001 | | PL | ",
    "Prudence Pudding | prudence.pudding@example.com | 12 Custard Close | | Bristol | BS1 4ST | | GB | +44 1632 960001",
    "Barnaby Butterdish | barnaby.butterdish@example.org | 3 Crumpet Court | Upper flat | Edinburgh | EH1 "
    "1AB | | GB | +44 1632 960002",
    "Clementine Clotted | clementine.clotted@example.com | 7 Scone Terrace | | Truro | TR1 2AA | | GB | "
    "+44 1632 960003",
    "Rosalie Raclette | rosalie.raclette@example.com | Käseweg 28 | | Bern | 3011 | | CH | ",
    "Urs Universalrührer | urs.universalruehrer@example.org | Rösti-Gasse 5 | | Zürich | 8001 | | CH | 44 555 01 02",
    "Hattie Hotcakes | hattie.hotcakes@example.com | 118 Skillet Avenue | Apt 4 | Portland | 97205 | OR | "
    "US | +1 503 555 0101",
    "Waldo Whisk | waldo.whisk@example.org | 2200 Batter Boulevard | | Austin | 78701 | TX | US | +1 512 555 0102",
    "Pearl Percolator | pearl.percolator@example.com | 41 Maple Crock Road | | Burlington | 05401 | VT | "
    "US | +1 802 555 0103",
    "Chester Chowder | chester.chowder@example.com | 9 Ladle Wharf | Unit 2 | Boston | 02110 | MA | US | "
    "+1 617 555 0104",
)

PROBLEMS: tuple[DemoProblem, ...] = (
    DemoProblem(
        "wrong_item",
        "Got the blue one",
        "I ordered the sage mug and the box had the ink one in it. It is a nice mug, but it does not match "
        "the other three. Can you swap it?",
    ),
    DemoProblem(
        "wrong_item",
        "Somebody else's order?",
        "My parcel holds a rolling pin and two candles. I had ordered a teapot. The slip inside has "
        "another order number on it.",
    ),
    DemoProblem("wrong_item", "Size is not right", "The board is the 28 cm one, I paid for 34 cm. I have not used it."),
    DemoProblem(
        "wrong_item", "Two of the same", "There should be one dinner plate in oat and one in ink. Both are oat."
    ),
    DemoProblem(
        "wrong_item",
        "Beans instead of tea",
        "You sent the espresso beans, I had chosen the herb tea. I do not own a grinder.",
    ),
    DemoProblem(
        "wrong_item", "Lid of another jar", "The jar is right but the lid belongs to the larger size and falls in."
    ),
    DemoProblem(
        "damaged",
        "Handle came off",
        "The mug was in two pieces when I opened the box. The handle is off and there is a crack down to "
        "the foot. I have a picture.",
    ),
    DemoProblem(
        "damaged",
        "Chip on the rim",
        "The salad bowl has a chip of about a centimetre on the rim. The carton looked fine from outside.",
    ),
    DemoProblem(
        "damaged",
        "Carafe in pieces",
        "I could hear it before I opened it. The carafe is broken, the glasses beside it are all right. "
        "Please send only the carafe again.",
    ),
    DemoProblem(
        "damaged",
        "Dented tin",
        "The biscuit tin has a dent in the lid, so that it does not close. I would keep it for a small reduction.",
    ),
    DemoProblem(
        "damaged",
        "Oil everywhere",
        "The bottle of olive oil leaked at the cork and the tea towels in the same parcel are soaked with it.",
    ),
    DemoProblem(
        "damaged",
        "Loose knob",
        "The knob of the casserole turns round and round and does not grip. Is there a spare screw?",
    ),
    DemoProblem(
        "damaged",
        "Scratched pan",
        "The steel pan has deep scratches across the bottom, as if someone had used it before.",
    ),
    DemoProblem(
        "not_arrived",
        "Says delivered, is not here",
        "Tracking says it was delivered on Tuesday at 14:10. I was at home and nobody rang. I have asked "
        "the neighbours on both sides.",
    ),
    DemoProblem(
        "not_arrived",
        "Stuck for six days",
        "The parcel has not moved since last week. It is meant to be a birthday present for Saturday. Will it make it?",
    ),
    DemoProblem(
        "not_arrived",
        "One of two parcels",
        "The plates came today, the bowls did not. The mail said both would come together.",
    ),
    DemoProblem(
        "not_arrived",
        "Sent back to you?",
        "The carrier writes that the address was incomplete and that it is going back. I forgot the flat "
        "number, sorry. It is flat 1.",
    ),
    DemoProblem(
        "not_arrived",
        "Where is my order",
        "I ordered nine days ago and have had no news since the confirmation. Has it left yet?",
    ),
    DemoProblem(
        "not_arrived",
        "Left in the rain",
        'The driver put a card in the box that says "garden". I have looked in the garden, the shed and under the hedge.',
    ),
    DemoProblem(
        "other",
        "Can I change the address?",
        "We are moving on Friday. If it has not been packed, could it go to the new place? I can write the "
        "address here.",
    ),
    DemoProblem(
        "other",
        "Does it work on induction?",
        "A question about the stove kettle I ordered: does it work on an induction hob? If not I would "
        "rather cancel it.",
    ),
    DemoProblem(
        "other",
        "Invoice with company name",
        "I need the invoice made out to our tea room. Is that still possible after paying?",
    ),
    DemoProblem(
        "other",
        "One egg cup short",
        "I counted again: five egg cups in the box, six on the slip. Perhaps one is still on your shelf.",
    ),
    DemoProblem(
        "other",
        "A thank you",
        "No complaint at all. The vase is lovely and it was packed so well that I kept the paper. Please "
        "tell whoever packed it.",
    ),
    DemoProblem(
        "other",
        "How do I season it?",
        "The iron skillet arrived today. The leaflet says it is seasoned, but my first egg stuck. What did I do wrong?",
    ),
    DemoProblem(
        "other",
        "Code did not work",
        "I had a discount code and the shop took the order without it. Can you still apply it?",
    ),
)
