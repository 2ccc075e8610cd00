"""The nouns: gender, plural, English and semantic classes, one line each.

A heading "# kind tag tag" gives the kind (which adjectives fit) and the tags (which verbs fit) of the lines
below it.  A line reads "article Noun[*], plural or -, english[/plural], extra tags"; * is the n-declension.
"""

from __future__ import annotations

from .english import plural as english_plural
from .model import Noun

_GENDER = {"der": "m", "die": "f", "das": "n"}

NOUN_TABLE = """
# kin kin
der Vater, Väter, father
die Mutter, Mütter, mother
der Bruder, Brüder, brother, sib
die Schwester, Schwestern, sister, sib
der Sohn, Söhne, son, sib
die Tochter, Töchter, daughter, sib
die Oma, Omas, grandma
der Opa, Opas, grandpa
der Onkel, Onkel, uncle
die Tante, Tanten, aunt
der Neffe*, Neffen, nephew, sib
die Nichte, Nichten, niece, sib
der Cousin, Cousins, cousin, sib
der Mann, Männer, husband
die Frau, Frauen, wife
der Freund, Freunde, boyfriend
die Freundin, Freundinnen, girlfriend
# person human
der Arzt, Ärzte, doctor, job doctor
die Ärztin, Ärztinnen, doctor, job acquaintance doctor
der Lehrer, Lehrer, teacher, job teacher
die Lehrerin, Lehrerinnen, teacher, job teacher
der Verkäufer, Verkäufer, salesman/salesmen, job
die Verkäuferin, Verkäuferinnen, saleswoman/saleswomen, job
der Polizist*, Polizisten, police officer, job
der Koch, Köche, cook, job
der Kellner, Kellner, waiter, job waiter
die Kellnerin, Kellnerinnen, waitress, job waiter
der Bäcker, Bäcker, baker, job
der Bauer*, Bauern, farmer, job farmer
der Student*, Studenten, student, job pupil
die Studentin, Studentinnen, student, job pupil
der Chef, Chefs, boss
die Chefin, Chefinnen, boss
der Kollege*, Kollegen, colleague, mate
die Kollegin, Kolleginnen, colleague, mate
der Nachbar*, Nachbarn, neighbor, mate
die Nachbarin, Nachbarinnen, neighbor, mate
der Anwalt, Anwälte, lawyer, job acquaintance
der Journalist*, Journalisten, journalist, job acquaintance
der Mechaniker, Mechaniker, mechanic, job mechanic
der Zahnarzt, Zahnärzte, dentist, job
der Busfahrer, Busfahrer, bus driver, job
die Sängerin, Sängerinnen, singer, job acquaintance
der Musiker, Musiker, musician, job acquaintance
der Trainer, Trainer, coach/coaches, job
der Pilot*, Piloten, pilot, job acquaintance
der Ingenieur, Ingenieure, engineer, job acquaintance
die Krankenschwester, Krankenschwestern, nurse, job
der Bürgermeister, Bürgermeister, mayor
der Kunde*, Kunden, customer, guest
der Gast, Gäste, guest, guest
der Tourist*, Touristen, tourist, guest
der Patient*, Patienten, patient, patient
die Patientin, Patientinnen, patient, patient
der Junge*, Jungen, boy, young
der Mann, Männer, man/men, adult
die Frau, Frauen, woman/women, adult
# child neuter
das Kind, Kinder, child/children, pupil patient young
das Mädchen, Mädchen, girl, young
das Baby, Babys, baby/babies, patient
# animal animal seen
der Hund, Hunde, dog, pet fed hunter
die Katze, Katzen, cat, pet fed hunter
das Pferd, Pferde, horse, pet painted fed
der Vogel, Vögel, bird, watched fed
die Kuh, Kühe, cow, fed
die Maus, Mäuse, mouse/mice, scary chased
der Bär*, Bären, bear, watched scary
die Ente, Enten, duck, watched chased fed
der Hase*, Hasen, rabbit, watched
die Spinne, Spinnen, spider, scary
die Schlange, Schlangen, snake, scary
# food food buyable
der Apfel, Äpfel, apple, many
die Banane, Bananen, banana, many
die Orange, Orangen, orange, many
die Birne, Birnen, pear, many
der Kuchen, Kuchen, cake, baked brought tasty
das Brötchen, Brötchen, roll, many
das Ei, Eier, egg, many
die Tomate, Tomaten, tomato/tomatoes, many
die Kartoffel, Kartoffeln, potato/potatoes, many
# dish food ordered tasty
die Suppe, Suppen, soup
der Salat, Salate, salad
die Pizza, Pizzas, pizza
das Käsebrot, Käsebrote, cheese sandwich/cheese sandwiches
das Schnitzel, Schnitzel, schnitzel
# foodmass food buyable
das Brot, -, bread, baked
der Käse, -, cheese
das Fleisch, -, meat, tasty
der Fisch, -, fish, tasty
der Reis, -, rice
die Schokolade, -, chocolate, brought
das Eis, -, ice cream, ordered tasty
das Obst, -, fruit
der Honig, -, honey
# drink drink ordered
das Wasser, -, water
die Milch, -, milk, buyable
der Tee, -, tea, buyable
der Kaffee, -, coffee, buyable
das Bier, -, beer, brought
der Wein, -, wine, brought buyable
der Saft, -, juice, buyable
die Limonade, -, lemonade
# clothes clothes buyable seen
die Jacke, Jacken, jacket, donned needed warm
der Mantel, Mäntel, coat, donned warm
das Hemd, Hemden, shirt, donned washed
das Kleid, Kleider, dress/dresses, donned
der Rock, Röcke, skirt, donned washed
der Pullover, Pullover, sweater, donned needed washed warm
der Hut, Hüte, hat, hat
die Mütze, Mützen, cap, hat
der Anzug, Anzüge, suit, donned
die Bluse, Blusen, blouse, donned washed
der Schal, Schals, scarf/scarves, warm
# document belonging layable
der Schlüssel, Schlüssel, key, lent
der Pass, Pässe, passport
der Ausweis, Ausweise, ID card
die Fahrkarte, Fahrkarten, ticket
# thing belonging layable
das Handy, Handys, phone, needed buyable device lent given
die Tasche, Taschen, bag, buyable given
der Regenschirm, Regenschirme, umbrella, needed buyable lent
der Geldbeutel, Geldbeutel, wallet
der Rucksack, Rucksäcke, backpack, luggage buyable lent
die Uhr, Uhren, watch/watches, buyable given
der Ring, Ringe, ring, given
die Kamera, Kameras, camera, buyable lent given
# thing luggage
der Koffer, Koffer, suitcase, needed opened lent buyable
die Kiste, Kisten, box/boxes, opened
# thing household buyable layable
der Ball, Bälle, ball, given
die Puppe, Puppen, doll, given
das Kissen, Kissen, pillow
die Decke, Decken, blanket
die Kerze, Kerzen, candle
das Messer, Messer, knife/knives
die Gabel, Gabeln, fork
der Löffel, Löffel, spoon
# thing household standing
die Tasse, Tassen, cup, buyable
der Teller, Teller, plate, buyable
das Glas, Gläser, glass/glasses
die Flasche, Flaschen, bottle, opened
der Topf, Töpfe, pot, buyable
die Schüssel, Schüsseln, bowl
die Vase, Vasen, vase, buyable given
der Korb, Körbe, basket, buyable
# door opened closed
die Tür, Türen, door
das Fenster, Fenster, window, cleaned
# vehicle vehicle seen buyable
das Auto, Autos, car, needed fixed washed driven sold rented
das Fahrrad, Fahrräder, bike, needed fixed lent sold rented given
das Motorrad, Motorräder, motorcycle, fixed driven sold
das Boot, Boote, boat, rented sold crafted
# transport transport
der Bus, Busse, bus/buses, missed
der Zug, Züge, train, missed
das Taxi, Taxis, taxi
die Straßenbahn, Straßenbahnen, streetcar
# device device fixed buyable
der Computer, Computer, computer, needed used switched
der Laptop, Laptops, laptop, used lent switched
der Fernseher, Fernseher, television, switched
der Drucker, Drucker, printer, used
die Waschmaschine, Waschmaschinen, washing machine, used
der Kühlschrank, Kühlschränke, refrigerator
die Lampe, Lampen, lamp, needed switched
das Radio, Radios, radio, switched
die Heizung, Heizungen, heater, switched
das Tablet, Tablets, tablet, used lent
# furniture furniture buyable
der Tisch, Tische, table, crafted
der Stuhl, Stühle, chair
das Bett, Betten, bed, needed
der Schrank, Schränke, closet
das Sofa, Sofas, sofa
das Regal, Regale, shelf/shelves, crafted
der Schreibtisch, Schreibtische, desk, needed
der Teppich, Teppiche, carpet
der Spiegel, Spiegel, mirror
# room room
die Küche, Küchen, kitchen
das Zimmer, Zimmer, room
das Wohnzimmer, Wohnzimmer, living room
das Badezimmer, Badezimmer, bathroom
der Keller, Keller, basement
die Garage, Garagen, garage
das Büro, Büros, office
das Schlafzimmer, Schlafzimmer, bedroom
# home home built
das Haus, Häuser, house, sold rented painted crafted
die Wohnung, Wohnungen, apartment, rented sold
# building place built
das Krankenhaus, Krankenhäuser, hospital, asked
der Bahnhof, Bahnhöfe, train station, asked
der Flughafen, Flughäfen, airport, asked
das Hotel, Hotels, hotel, asked advised
das Restaurant, Restaurants, restaurant, asked advised shop
das Café, Cafés, café, asked advised shop
der Supermarkt, Supermärkte, supermarket, asked shop
der Laden, Läden, store, shop
die Bäckerei, Bäckereien, bakery/bakeries, asked shop
die Apotheke, Apotheken, pharmacy/pharmacies, asked shop
die Bank, Banken, bank, asked shop
das Theater, Theater, theater, asked
die Bibliothek, Bibliotheken, library/libraries, asked shop
die Fabrik, Fabriken, factory/factories
das Schwimmbad, Schwimmbäder, swimming pool, asked shop
die Schule, Schulen, school
das Stadion, Stadien, stadium
die Haltestelle, Haltestellen, bus stop, asked
# sight built
die Kirche, Kirchen, church/churches, sight
das Museum, Museen, museum, asked sight shop
das Rathaus, Rathäuser, city hall, sight asked
das Schloss, Schlösser, castle, sight
die Brücke, Brücken, bridge, sight
der Turm, Türme, tower, sight
der Garten, Gärten, garden, painted
# nature nature
der Baum, Bäume, tree, painted
die Blume, Blumen, flower, painted
der See, Seen, lake
der Berg, Berge, mountain, painted
der Fluss, Flüsse, river
der Wald, Wälder, forest
der Strand, Strände, beach/beaches
die Insel, Inseln, island
die Stadt, Städte, city/cities
das Dorf, Dörfer, village
# media media readable
das Buch, Bücher, book, buyable translated layable lent given advised shown
die Zeitung, Zeitungen, newspaper, layable buyable
die Zeitschrift, Zeitschriften, magazine, layable buyable
der Roman, Romane, novel, translated buyable given advised
der Artikel, Artikel, article, written translated shown
der Bericht, Berichte, report, written printed translated
die Geschichte, Geschichten, story/stories, told written
das Gedicht, Gedichte, poem, written
# message readable
der Brief, Briefe, letter, written sent answered layable translated shown
die E-Mail, E-Mails, email, written sent answered printed
die Nachricht, Nachrichten, message, written sent answered
# show show
der Film, Filme, movie, watchable advised
die Serie, Serien, TV series/TV series, watchable advised
das Lied, Lieder, song, song
das Spiel, Spiele, game, watchable won
das Konzert, Konzerte, concert, event
das Bild, Bilder, picture, shown painted hung
das Foto, Fotos, photo, shown sent printed hung
# task task
die Frage, Fragen, question, understood answered repeated
die Aufgabe, Aufgaben, task, understood solved explained
das Problem, Probleme, problem, understood solved explained topic
die Regel, Regeln, rule, understood explained
der Satz, Sätze, sentence, understood repeated translated explained
der Text, Texte, text, understood translated readable printed
das Wort, Wörter, word, understood repeated explained
der Plan, Pläne, plan, understood topic explained
die Idee, Ideen, idea, understood topic
das Projekt, Projekte, project, planned topic
# date date
der Termin, Termine, appointment, canceled moved
die Besprechung, Besprechungen, meeting, canceled moved attended
der Kurs, Kurse, course, attended
# event event
die Party, Partys, party/parties, canceled planned
die Hochzeit, Hochzeiten, wedding, planned
die Reise, Reisen, trip, canceled planned moved topic
der Ausflug, Ausflüge, excursion, planned
das Fest, Feste, festival, planned
# paper paper
der Vertrag, Verträge, contract, signed
die Rechnung, Rechnungen, bill, paid
die Datei, Dateien, file, printed deleted sent loaded
die App, Apps, app, loaded
das Paket, Pakete, package, sent opened
# gift opened brought
das Geschenk, Geschenke, present
# slip mistake
der Fehler, Fehler, mistake
# pill medicine
das Medikament, Medikamente, medicine
die Salbe, Salben, ointment
# flight missed
der Flug, Flüge, flight
# body body
der Kopf, Köpfe, head
der Bauch, Bäuche, stomach
das Bein, Beine, leg
der Arm, Arme, arm
die Hand, Hände, hand
der Zahn, Zähne, tooth/teeth
der Rücken, Rücken, back
der Fuß, Füße, foot/feet
das Knie, Knie, knee
der Hals, Hälse, throat
# mass mass
das Wetter, -, weather, topic
der Regen, -, rain, trouble
der Schnee, -, snow, trouble
die Hitze, -, heat, trouble
die Kälte, -, cold, trouble
der Sturm, Stürme, storm, trouble
der Lärm, -, noise, annoying trouble
der Verkehr, -, traffic, annoying trouble
der Streik, Streiks, strike, trouble annoying
der Unfall, Unfälle, accident, topic
die Musik, -, music, interest
die Kunst, -, art, interest
die Politik, -, politics, interest
die Geschichte, -, history, interest
die Technik, -, technology, interest
das Geld, -, money
der Urlaub, Urlaube, vacation, event topic
der Geburtstag, Geburtstage, birthday, event
das Wochenende, Wochenenden, weekend, event
# news news
die Regierung, Regierungen, government
die Partei, Parteien, party/parties
das Gesetz, Gesetze, law
die Steuer, Steuern, tax/taxes
die Wahl, Wahlen, election
die Studie, Studien, study/studies
das Unternehmen, Unternehmen, company/companies
der Preis, Preise, price
die Miete, Mieten, rent
"""


def _parse_noun(line: str, heading: list[str]) -> Noun:
    fields = [part.strip() for part in line.split(",")]
    article, word = fields[0].split(" ", 1)
    singular, _, irregular = fields[2].partition("/")
    tags = frozenset(heading[1:] + (fields[3].split() if len(fields) > 3 else []))
    return Noun(
        de=word.rstrip("*"),
        gender=_GENDER[article],
        plural="" if fields[1] == "-" else fields[1],
        en=singular,
        en_plural=irregular or english_plural(singular),
        weak=word.endswith("*"),
        kind=heading[0],
        tags=tags,
    )


def _load() -> tuple[Noun, ...]:
    nouns: list[Noun] = []
    heading: list[str] = []
    for line in NOUN_TABLE.strip().splitlines():
        if line.startswith("#"):
            heading = line[1:].split()
        else:
            nouns.append(_parse_noun(line, heading))
    return tuple(nouns)


NOUNS = _load()


def _index() -> dict[str, tuple[Noun, ...]]:
    tags = sorted({tag for noun in NOUNS for tag in noun.tags})
    return {tag: tuple(noun for noun in NOUNS if tag in noun.tags) for tag in tags}


BY_TAG = _index()
"""Tag -> the nouns that carry it, in table order (so that a seed always means the same choice)."""
