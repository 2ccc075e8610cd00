"""The small closed lists: names, times, places, numbers, prices - and the doorway to the larger tables.

Nouns, verbs, adjectives and fixed phrases have their own modules, because each is a table of its own shape.
"""

from __future__ import annotations

from .activities import ACTIVITIES, FEELINGS, GOALS, TO_DO
from .adjectives import ADJECTIVES, STATES, TRAITS
from .model import Adverbial, Pair
from .nouns import NOUNS
from .verbs import FRAMES

__all__ = ["ACTIVITIES", "ADJECTIVES", "FEELINGS", "FRAMES", "GOALS", "NOUNS", "STATES", "TO_DO", "TRAITS"]

WOMEN = (
    "Anna",
    "Maria",
    "Lena",
    "Julia",
    "Laura",
    "Sarah",
    "Lisa",
    "Emma",
    "Sophie",
    "Katharina",
    "Clara",
    "Eva",
    "Nina",
    "Martina",
    "Petra",
    "Sabine",
    "Monika",
    "Hanna",
    "Paula",
)
MEN = (
    "Paul",
    "Peter",
    "Martin",
    "Stefan",
    "Michael",
    "Daniel",
    "Jan",
    "David",
    "Tim",
    "Tom",
    "Leon",
    "Simon",
    "Christian",
    "Sebastian",
    "Oliver",
    "Florian",
    "Jonathan",
    "Karl",
    "Robert",
    "Philipp",
    "Alexander",
)
SURNAMES = (
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Hoffmann",
    "Koch",
    "Bauer",
    "Klein",
)


def _pairs(table: str) -> tuple[Pair, ...]:
    halves = (entry.split(" = ") for entry in table.replace("\n", " ").split(";"))
    return tuple((de.strip(), en.strip()) for de, en in halves)


def _adverbials(table: str) -> tuple[Adverbial, ...]:
    return tuple(Adverbial(de, en.lstrip("~"), en.startswith("~")) for de, en in _pairs(table))


DAYS = _pairs("""Montag = Monday; Dienstag = Tuesday; Mittwoch = Wednesday; Donnerstag = Thursday;
Freitag = Friday;
Samstag = Saturday; Sonntag = Sunday""")
MONTHS = _pairs("""Januar = January; Februar = February; März = March; April = April; Mai = May; Juni = June;
Juli = July; August = August; September = September; Oktober = October; November = November;
Dezember = December""")

_ON_DAYS = "; ".join(f"am {de} = on {en}" for de, en in DAYS)
PAST_DAY = _adverbials(f"""gestern = yesterday; gestern Abend = last night;
vorgestern = the day before yesterday;
gestern Nachmittag = yesterday afternoon; heute Morgen = this morning; gestern = yesterday; {_ON_DAYS};
am Wochenende = on the weekend""")
PAST_WIDE = _adverbials("""letzte Woche = last week; letzten Monat = last month;
vor zwei Tagen = two days ago;
letzten Freitag = last Friday; letzten Samstag = last Saturday; vor einer Woche = a week ago;
vor drei Wochen = three weeks ago; vor einem Monat = a month ago; letzten Sommer = last summer;
vor ein paar Tagen = a few days ago""")
FUTURE_DAY = _adverbials(f"""morgen = tomorrow; heute Abend = tonight; morgen Abend = tomorrow evening;
übermorgen = the day after tomorrow; morgen Nachmittag = tomorrow afternoon;
heute Nachmittag = this afternoon;
{_ON_DAYS}; am Wochenende = on the weekend""")
FUTURE_WIDE = _adverbials("""nächste Woche = next week; nächsten Monat = next month;
nächsten Sonntag = next Sunday;
in zwei Tagen = in two days; nächsten Samstag = next Saturday; in einer Woche = in a week; bald = soon""")
NOW = _adverbials("gerade = right now; im Moment = at the moment")
HABIT = _adverbials("""jeden Tag = every day; oft = ~often; manchmal = ~sometimes; selten = ~rarely;
fast jeden Tag = almost every day; jeden Sonntag = every Sunday; jeden Montag = every Monday; nie = ~never;
normalerweise = ~usually; samstags = on Saturdays; jede Woche = every week; zweimal pro Woche = twice a week;
jeden Freitag = every Friday; im Sommer = in summer; in den Ferien = during the vacation""")
HABIT_FRONT = _adverbials("""jeden Tag = every day; fast jeden Tag = almost every day;
jeden Sonntag = every Sunday;
manchmal = sometimes; normalerweise = usually; jede Woche = every week; jeden Samstag = every Saturday;
im Sommer = in summer; jeden Dienstag = every Tuesday; in den Ferien = during the vacation""")
SINCE = _adverbials("""seit einer Stunde = for an hour; seit zwei Stunden = for two hours;
seit heute Morgen = since this morning; seit zehn Minuten = for ten minutes;
seit einer halben Stunde = for half an hour;
seit dem Mittagessen = since lunch; seit drei Stunden = for three hours;
seit acht Uhr = since eight o'clock""")
SINCE_LONG = _adverbials("""seit drei Jahren = for three years; seit einem Jahr = for a year;
seit Montag = since Monday;
seit vielen Jahren = for many years; seit fünf Monaten = for five months;
seit letztem Sommer = since last summer;
seit einer Woche = for a week; seit dem Winter = since winter; seit zwei Jahren = for two years""")

PLACE_TABLE = """
im Park | in den Park | in the park | to the park
im Supermarkt | in den Supermarkt | at the supermarket | to the supermarket
im Restaurant | ins Restaurant | at the restaurant | to the restaurant
im Café | ins Café | at the café | to the café
im Museum | ins Museum | at the museum | to the museum
im Kino | ins Kino | at the movie theater | to the movies
im Theater | ins Theater | at the theater | to the theater
im Büro | ins Büro | at the office | to the office
im Schwimmbad | ins Schwimmbad | at the swimming pool | to the swimming pool
im Krankenhaus | ins Krankenhaus | in the hospital | to the hospital
in der Bibliothek | in die Bibliothek | in the library | to the library
in der Schule | in die Schule | at school | to school
in der Stadt | in die Stadt | in the city | into the city
in der Kirche | in die Kirche | at church | to church
auf dem Markt | auf den Markt | at the market | to the market
auf der Party | auf die Party | at the party | to the party
am Bahnhof | zum Bahnhof | at the train station | to the train station
am Flughafen | zum Flughafen | at the airport | to the airport
am Strand | an den Strand | on the beach | to the beach
am See | an den See | at the lake | to the lake
am Meer | ans Meer | at the sea | to the sea
beim Arzt | zum Arzt | at the doctor's | to the doctor
beim Bäcker | zum Bäcker | at the baker's | to the baker's
bei der Arbeit | zur Arbeit | at work | to work
zu Hause | nach Hause | at home | home
"""
TOWN_TABLE = """
in Berlin | nach Berlin | in Berlin | to Berlin
in München | nach München | in Munich | to Munich
in Hamburg | nach Hamburg | in Hamburg | to Hamburg
in Köln | nach Köln | in Cologne | to Cologne
in Wien | nach Wien | in Vienna | to Vienna
in Paris | nach Paris | in Paris | to Paris
in London | nach London | in London | to London
in Rom | nach Rom | in Rome | to Rome
in Italien | nach Italien | in Italy | to Italy
in Spanien | nach Spanien | in Spain | to Spain
in Frankreich | nach Frankreich | in France | to France
in Österreich | nach Österreich | in Austria | to Austria
in der Schweiz | in die Schweiz | in Switzerland | to Switzerland
in der Türkei | in die Türkei | in Turkey | to Turkey
in den USA | in die USA | in the United States | to the United States
"""


def _places(table: str) -> tuple[tuple[Pair, Pair], ...]:
    rows = ([part.strip() for part in line.split("|")] for line in table.strip().splitlines())
    return tuple(((row[0], row[2]), (row[1], row[3])) for row in rows)


PLACES = _places(PLACE_TABLE)
"""((location de, en), (direction de, en)), for example (im Park, in the park), (in den Park, to the park)."""
TOWNS = _places(TOWN_TABLE)

_ONES = """null zero;ein one;zwei two;drei three;vier four;fünf five;sechs six;sieben seven;acht eight;
neun nine;zehn ten;elf eleven;zwölf twelve;dreizehn thirteen;vierzehn fourteen;fünfzehn fifteen;
sechzehn sixteen;siebzehn seventeen;achtzehn eighteen;neunzehn nineteen""".replace("\n", "")
_SMALL = tuple((de, en) for de, en in (entry.split() for entry in _ONES.split(";")))
_TENS = _pairs("""zwanzig = twenty; dreißig = thirty; vierzig = forty; fünfzig = fifty; sechzig = sixty;
siebzig = seventy; achtzig = eighty; neunzig = ninety""")
_ORDINALS = """erst first;zweit second;dritt third;viert fourth;fünft fifth;sechst sixth;siebt seventh;
acht eighth;neunt ninth;zehnt tenth;elft eleventh;zwölft twelfth""".replace("\n", "")
ORDINALS = tuple((de, en) for de, en in (entry.split() for entry in _ORDINALS.split(";")))


def number(value: int) -> Pair:
    """The number word in both languages for 0-999 ("eins" only stands alone, so 1 gives ein)."""
    if value >= 100:
        hundred, rest = divmod(value, 100)
        left, right = number(hundred), number(rest) if rest else ("", "")
        english = f"{left[1]} hundred" + (f" and {right[1]}" if rest else "")
        return f"{left[0]}hundert{right[0]}", english
    if value < 20:
        return _SMALL[value]
    ten, one = divmod(value, 10)
    tens = _TENS[ten - 2]
    if not one:
        return tens
    return f"{_SMALL[one][0]}und{tens[0]}", f"{tens[1]}-{_SMALL[one][1]}"


def clock(hour: int, quarter: int) -> Pair:
    """The time of day in words: (halb acht, half past seven)."""
    following = number(hour % 12 + 1)[0]
    following = "eins" if following == "ein" else following
    here = "eins" if hour == 1 else number(hour)[0]
    english = number(hour)[1]
    if quarter == 0:
        return f"{number(hour)[0]} Uhr", f"{english} o'clock"
    if quarter == 1:
        return f"Viertel nach {here}", f"a quarter past {english}"
    if quarter == 2:
        return f"halb {following}", f"half past {english}"
    return f"Viertel vor {following}", f"a quarter to {number(hour % 12 + 1)[1]}"
