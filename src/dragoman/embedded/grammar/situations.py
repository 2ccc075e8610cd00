"""What follows from what: clause contents that belong together in because-, if-, when- and so that-sentences.

Random pairs of clauses make nonsense ("She is tired because the museum is old"), so causes are grouped with
the effects they explain.  A line reads "effect / effect / ... <- cause / cause / ..." in the notation of
activities.spec; causes starting with "!" are things that happened (German perfect), the others are states.
"""

from __future__ import annotations

from .activities import spec
from .model import Pair, Spec

_REASON_TABLE = """
können-: zur Party kommen = come to the party / können-: zur Arbeit gehen = go to work /
zu Hause bleiben = stay home /
müssen: @e Reise ab·sagen = cancel @ trip / können-: Fußball spielen = play soccer /
müssen: zum Arzt gehen = see a doctor
<- krank sein = be sick / Fieber haben = have a fever / Rückenschmerzen haben = have back pain /
-: sich wohl fühlen = feel well / eine Erkältung haben = have a cold
##
früh ins Bett gehen = go to bed early / wollen: nach Hause gehen = go home /
-: ins Kino gehen = go to the movies /
müssen: sich aus·ruhen = rest / können-: sich konzentrieren = concentrate
<- sehr müde sein = be very tired / Kopfschmerzen haben = have a headache /
müssen: früh auf·stehen = get up early
##
sehr glücklich sein = be very happy / gute Laune haben = be in a good mood / wollen: feiern = celebrate /
sehr stolz sein = be very proud
<- ! die Prüfung bestehen = pass the exam / ! das Spiel gewinnen = win the game /
! einen neuen Job finden = find a new job / ! gute Nachrichten bekommen = get good news
##
sehr traurig sein = be very sad / wütend sein = be angry / schlechte Laune haben = be in a bad mood
<- ! @en Geldbeutel verlieren = lose @ wallet / ! den Zug verpassen = miss the train /
! das Spiel verlieren = lose the game / ! einen Fehler machen = make a mistake
##
zu spät kommen = be late / müssen: ein Taxi nehmen = take a taxi
<- ! den Bus verpassen = miss the bus / ! verschlafen = oversleep / ! den Schlüssel vergessen = forget the key
##
viel arbeiten = work a lot / Geld sparen = save money / müssen: Geld sparen = save money
<- wollen: ein Haus kaufen = buy a house / wollen: nach Japan reisen = travel to Japan /
ein neues Auto brauchen = need a new car / wollen: ein Geschäft eröffnen = open a store
##
Deutsch lernen = study German / einen Sprachkurs machen = take a language course
<- wollen: in Deutschland arbeiten = work in Germany / wollen: in Wien studieren = go to college in Vienna /
wollen: deutsche Bücher lesen = read German books / Freunde in Berlin haben = have friends in Berlin
##
in der Küche bleiben = stay in the kitchen / müssen: einkaufen gehen = go shopping /
viel zu tun haben = have a lot to do
<- müssen: das Abendessen kochen = cook dinner / am Abend Gäste haben = have guests in the evening
##
können-: mit·kommen = come along / -: viel Freizeit haben = have much free time /
-: oft zu Hause sein = be at home often
<- viel zu tun haben = have a lot to do / müssen: für die Prüfung lernen = study for the exam /
müssen: am Wochenende arbeiten = work on the weekend /
müssen: sich um die Kinder kümmern = take care of the children
##
können-: das Auto kaufen = buy the car / können-: die Wohnung mieten = rent the apartment /
können-: die Rechnung bezahlen = pay the bill
<- -: genug Geld haben = have enough money / zu wenig verdienen = earn too little
"""

_WEATHER_TABLE = """
zu Hause bleiben = stay home / können-: im Garten arbeiten = work in the garden /
einen Regenschirm mit·nehmen = take an umbrella
<- es regnet = it is raining = es regnete = it was raining /
das Wetter schlecht ist = the weather is bad = das Wetter schlecht war = the weather was bad
##
in den Park gehen = go to the park / wollen: schwimmen gehen = go swimming /
im Garten sitzen = sit in the garden /
wollen: eine Radtour machen = go on a bike ride
<- die Sonne scheint = the sun is shining = die Sonne schien = the sun was shining /
das Wetter schön ist = the weather is nice = das Wetter schön war = the weather was nice /
es sehr warm ist = it is very warm = es sehr warm war = it was very warm
##
@e Jacke an·ziehen = put on @ jacket / das Fenster zu·machen = close the window /
müssen: einen Schal tragen = wear a scarf
<- es kalt ist = it is cold = es kalt war = it was cold /
es schneit = it is snowing = es schneite = it was snowing
"""

Reasons = tuple[tuple[Spec, ...], tuple[tuple[Spec, bool], ...]]


def _reason_group(block: str) -> Reasons:
    effects, causes = block.replace("\n", " ").split("<-")
    kept = [part.strip() for part in effects.split("/")]
    because = [part.strip() for part in causes.split("/")]
    parsed = tuple((spec(text.lstrip("! ")), text.startswith("!")) for text in because)
    return tuple(spec(text) for text in kept), parsed


REASONS = tuple(_reason_group(block) for block in _REASON_TABLE.split("##"))


def _weather_group(block: str) -> tuple[tuple[Spec, ...], tuple[tuple[Pair, Pair], ...]]:
    effects, causes = block.replace("\n", " ").split("<-")
    parsed = []
    for text in causes.split("/"):
        now_de, now_en, past_de, past_en = (part.strip() for part in text.split(" = "))
        parsed.append(((now_de, now_en), (past_de, past_en)))
    return tuple(spec(text.strip()) for text in effects.split("/")), tuple(parsed)


WEATHER = tuple(_weather_group(block) for block in _WEATHER_TABLE.split("##"))


def _specs(table: str) -> tuple[Spec, ...]:
    return tuple(spec(part.strip()) for part in table.replace("\n", " ").split("/"))


OFFERS = tuple(
    (_specs(conditions), _specs(offers))
    for conditions, offers in (
        line.split("->")
        for line in """
Zeit haben = have time / Lust haben = feel like it -> ins Kino gehen = go to the movies
Zeit haben = have time -> spazieren gehen = go for a walk / Karten spielen = play cards
Hunger haben = be hungry -> zusammen kochen = cook together / ins Restaurant gehen = go to a restaurant
Hunger haben = be hungry -> eine Pizza bestellen = order a pizza / zu Abend essen = have dinner
müde sein = be tired -> eine Pause machen = take a break / nach Hause gehen = go home / sich aus·ruhen = rest
Durst haben = be thirsty -> einen Tee trinken = have a cup of tea / etwas trinken = drink something
Fragen haben = have questions / Hilfe brauchen = need help -> den Lehrer fragen = ask the teacher
Fragen haben = have questions -> mich an·rufen = call me / Frau Weber fragen = ask Ms. Weber
fertig sein = be ready -> los·fahren = leave / nach Hause gehen = go home / an·fangen = start
""".strip().splitlines()
    )
)

RICH = _specs("""ein Haus am Meer kaufen = buy a house by the sea /
um die Welt reisen = travel around the world /
weniger arbeiten = work less / @en Eltern helfen = help @ parents / ein neues Auto kaufen = buy a new car /
in Paris leben = live in Paris / mehr Bücher lesen = read more books /
öfter Sport machen = exercise more often /
Spanisch lernen = learn Spanish / @e Großeltern besuchen = visit @ grandparents /
eine Firma gründen = start a company /
einen Garten an·legen = plant a garden / jeden Tag schwimmen gehen = go swimming every day""")

UNREAL: tuple[tuple[Pair, Pair], ...] = (
    (("mehr Zeit", "hätten"), ("more time", "had")),
    (("mehr Geld", "hätten"), ("more money", "had")),
    (("reich", "wären"), ("rich", "were")),
    (("jünger", "wären"), ("younger", "were")),
    (("nicht so müde", "wären"), ("not so tired", "were")),
    (("gesund", "wären"), ("healthy", "were")),
    (("im Lotto gewinnen", "würden"), ("the lottery", "won")),
)

BEFORE = _specs("""ins Bett gehen = go to bed / zur Arbeit gehen = go to work /
das Haus verlassen = leave the house /
frühstücken = have breakfast / einen Kaffee trinken = drink a coffee""")
BEFORE_MAIN = _specs("""duschen = take a shower / sich3 die Zähne putzen = brush @ teeth /
das Licht aus·machen = turn off the light /
die Zeitung lesen = read the newspaper / den Hund füttern = feed the dog /
@e Mutter an·rufen = call @ mother /
die Tür ab·schließen = lock the door / das Fenster zu·machen = close the window /
die Blumen gießen = water the flowers /
den Müll raus·bringen = take out the trash / ein Buch lesen = read a book / @e Tasche packen = pack @ bag""")

BACKGROUND = _specs("""kochen = cook / das Abendessen kochen = cook dinner / schlafen = sleep /
arbeiten = work /
fern·sehen = watch TV / duschen = take a shower / das Geschirr spülen = wash the dishes /
telefonieren = talk on the phone /
im Garten arbeiten = work in the garden / Klavier spielen = play the piano /
auf den Bus warten = wait for the bus /
die Küche putzen = clean the kitchen / Musik hören = listen to music /
die Zeitung lesen = read the newspaper /
ein Buch lesen = read a book / Karten spielen = play cards""")

CHILDHOOD = _specs("""Fußball spielen = play soccer / schwimmen gehen = go swimming /
Klavier spielen = play the piano /
auf dem Land wohnen = live in the country / in Hamburg leben = live in Hamburg / viel lesen = read a lot /
viele Freunde haben = have many friends / einen Hund haben = have a dog /
wollen: im Zirkus arbeiten = work in the circus /
wollen: die Welt sehen = see the world / müssen: früh ins Bett gehen = go to bed early /
Angst vor Hunden haben = be afraid of dogs /
dürfen-: fern·sehen = watch TV / gern im Wald spielen = like to play in the forest /
viel Schokolade essen = eat a lot of chocolate /
oft im Garten spielen = play in the garden a lot""")
YOUNG: tuple[Pair, ...] = (
    ("jung", "young"),
    ("klein", "little"),
    ("ein Kind", "a child"),
    ("zehn Jahre alt", "ten years old"),
    ("noch in der Schule", "still at school"),
    ("in meinem Alter", "my age"),
)

PURPOSES = tuple(
    (spec(main.strip()), spec(goal.strip()))
    for main, goal in (
        line.split("->")
        for line in """
in die Stadt fahren = go into the city -> @e Freunde treffen = meet @ friends
in den Supermarkt gehen = go to the supermarket -> Brot kaufen = buy bread
in den Supermarkt gehen = go to the supermarket -> Obst und Gemüse kaufen = buy fruit and vegetables
nach Berlin fahren = go to Berlin -> @e Tante besuchen = visit @ aunt
zur Post gehen = go to the post office -> ein Paket ab·holen = pick up a package
zum Bahnhof fahren = drive to the train station -> @en Bruder ab·holen = pick up @ brother
in die Bibliothek gehen = go to the library -> für die Prüfung lernen = study for the exam
in den Park gehen = go to the park -> sich aus·ruhen = rest
früh auf·stehen = get up early -> joggen gehen = go jogging
Geld sparen = save money -> ein Haus kaufen = buy a house
Geld sparen = save money -> nach Japan reisen = travel to Japan
viel lernen = study a lot -> die Prüfung bestehen = pass the exam
hart arbeiten = work hard -> mehr Geld verdienen = earn more money
das Fenster öffnen = open the window -> frische Luft rein·lassen = let in fresh air
@e Brille suchen = look for @ glasses -> die Zeitung lesen = read the newspaper
Deutsch lernen = study German -> in Deutschland arbeiten = work in Germany
einen Computer kaufen = buy a computer -> zu Hause arbeiten = work at home
nach Hause gehen = go home -> den Hund füttern = feed the dog
@en Chef an·rufen = call @ boss -> den Termin ab·sagen = cancel the appointment
das Fahrrad nehmen = take the bike -> Geld sparen = save money
""".strip().splitlines()
    )
)

NARRATION = tuple(
    (spec(first.strip()), spec(second.strip()))
    for first, second in (
        line.split("->")
        for line in """
die Tür öffnen = open the door -> in die Küche gehen = go into the kitchen
in die Küche gehen = go into the kitchen -> Kaffee kochen = make coffee
das Fenster öffnen = open the window -> in den Garten sehen = look into the garden
sich an den Tisch setzen = sit down at the table -> einen Brief schreiben = write a letter
@en Mantel nehmen = take @ coat -> das Haus verlassen = leave the house
in den Zug steigen = get on the train -> nach Hamburg fahren = go to Hamburg
nach Hause kommen = come home -> sofort ins Bett gehen = go to bed at once
auf den Bus warten = wait for the bus -> die Zeitung lesen = read the newspaper
zum Bahnhof laufen = run to the train station -> eine Fahrkarte kaufen = buy a ticket
den Brief lesen = read the letter -> lange weinen = cry for a long time
das Licht aus·machen = turn off the light -> die Augen schließen = close @ eyes
einen Kaffee bestellen = order a coffee -> auf @e Freunde warten = wait for @ friends
den Hund rufen = call the dog -> durch den Park gehen = walk through the park
das Geschenk öffnen = open the present -> vor Freude lachen = laugh with joy
""".strip().splitlines()
    )
)
