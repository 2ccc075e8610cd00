"""Everyday verb phrases as ready-made pairs: "Fußball spielen = play soccer | flags".

Collocations such as these cannot be composed word by word, yet they are what people say most.  `@e` is the
subject's possessive with its ending, `@` the English one; "sich"/"sich3" is the accusative/dative reflexive.
Flags as in verbs.py; b (bare or indefinite noun: negated with kein) is added automatically.
"""

from __future__ import annotations

from functools import cache

from .model import Activity, Spec
from .verbs import make_verb

ACTIVITY_TABLE = """
Fußball spielen = play soccer | hni
Tennis spielen = play tennis | hni
Basketball spielen = play basketball | hni
Klavier spielen = play the piano | hni
Gitarre spielen = play the guitar | hni
Karten spielen = play cards | hni
Schach spielen = play chess | hni
Musik hören = listen to music | hni
schwimmen gehen = go swimming | hi
einkaufen gehen = go shopping | hi
spazieren gehen = go for a walk | hi
tanzen gehen = go dancing | hi
joggen gehen = go jogging | hi
wandern gehen = go hiking | hiw
ins Kino gehen = go to the movies | hiw
ins Theater gehen = go to the theater | hiw
ins Fitnessstudio gehen = go to the gym | hi
früh auf·stehen = get up early | hi
zu Hause bleiben = stay home | hi
zu Hause arbeiten = work at home | hni
Deutsch lernen = study German | hni
Englisch lernen = study English | hni
Spanisch lernen = study Spanish | hni
Französisch lernen = study French | hni
für die Prüfung lernen = study for the exam | ni
das Abendessen kochen = cook dinner | ni
Kaffee kochen = make coffee | ni
fern·sehen = watch TV | hni
im Garten arbeiten = work in the garden | hni
die Zeitung lesen = read the newspaper | hni
Fahrrad fahren = ride a bike | hni
mit dem Bus zur Arbeit fahren = take the bus to work | hi
mit dem Hund spazieren gehen = walk the dog | hni
das Geschirr spülen = wash the dishes | hni
die Wäsche waschen = do the laundry | hni
die Blumen gießen = water the flowers | hni
Sport machen = exercise | hni
singen = sing | hni
tanzen = dance | hni
kochen = cook | hni
schlafen = sleep | n
lange schlafen = sleep late | hi
arbeiten = work | hni
Freunde treffen = meet friends | hni
Geld sparen = save money | ni
sich3 die Zähne putzen = brush @ teeth | ni
sich3 die Hände waschen = wash @ hands | ni
duschen = take a shower | hni
sich aus·ruhen = rest | hni
sich entspannen = relax | ni
Fotos machen = take pictures | hni
E-Mails schreiben = write emails | hni
Gemüse essen = eat vegetables | hi
den Müll raus·bringen = take out the trash | hi
mit @en Freunden spielen = play with @ friends | hni
in der Bibliothek lernen = study in the library | hni
am Computer arbeiten = work on the computer | hni
im Park laufen = run in the park | hni
"""

TO_DO_TABLE = """
den Brief schreiben = write the letter
die Tür ab·schließen = lock the door
das Licht aus·machen = turn off the light
die Rechnung bezahlen = pay the bill
Brot kaufen = buy bread
Milch kaufen = buy milk
@e Mutter an·rufen = call @ mother
das Zimmer auf·räumen = tidy up the room
das Fenster zu·machen = close the window
die Blumen gießen = water the flowers
Karten für das Konzert kaufen = buy tickets for the concert
den Tisch reservieren = reserve the table
die E-Mail beantworten = answer the email
das Auto waschen = wash the car
den Hund füttern = feed the dog
die Fahrkarten mit·bringen = bring the tickets
das Paket ab·holen = pick up the package
"""

GOAL_TABLE = """
Deutsch lernen = learn German | d
mehr Sport machen = exercise more | d
gesünder essen = eat healthier | d
mehr Geld verdienen = earn more money
weniger Kaffee trinken = drink less coffee | d
nach Japan reisen = travel to Japan | d
die Welt sehen = see the world | x
ein Haus kaufen = buy a house | d
das Problem lösen = solve the problem
pünktlich kommen = be on time
die Prüfung bestehen = pass the exam
einen neuen Job finden = find a new job
früher auf·stehen = get up earlier | d
ein Buch schreiben = write a book | d
"""

FEELING_TABLE = """
krank sein = be sick | -; müde sein = be tired | -; glücklich sein = be happy | +; Hunger haben = be hungry;
Kopfschmerzen haben = have a headache | -; keine Zeit haben = have no time | -;
in Berlin wohnen = live in Berlin;
viel zu tun haben = have a lot to do | -; Recht haben = be right; zu Hause sein = be at home | +;
verheiratet sein = be married; gut Deutsch sprechen = speak German well | +;
einen Hund haben = have a dog | +;
ein neues Auto haben = have a new car | +; in der Küche sein = be in the kitchen; zu spät sein = be late | -;
im Krankenhaus arbeiten = work in the hospital; Probleme haben = have problems | -;
den Weg kennen = know the way | +;
die Antwort wissen = know the answer; sehr beschäftigt sein = be very busy; Hilfe brauchen = need help;
zwei Kinder haben = have two children; im Urlaub sein = be on vacation;
wieder gesund sein = be healthy again | +
"""

_PREPOSITIONS = frozenset(
    [
        "mit",
        "für",
        "in",
        "im",
        "am",
        "an",
        "auf",
        "aus",
        "zu",
        "zum",
        "zur",
        "nach",
        "von",
        "vor",
        "über",
        "bei",
        "um",
    ]
)
_ARTICLES = ("die", "den", "das", "@")


def _split_middle(words: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A leading definite object is kept apart: nicht stands after it but before everything else."""
    if not words or not (words[0] in _ARTICLES or words[0].startswith("@")):
        return (), (" ".join(words),) if words else ()
    cut = next((i for i, word in enumerate(words) if word in _PREPOSITIONS), len(words))
    late = (" ".join(words[cut:]),) if cut < len(words) else ()
    return (" ".join(words[:cut]),), late


@cache
def activity(text: str) -> Activity:
    """The activity written "German = English | flags"."""
    pair, _, flags = (part.strip() for part in text.partition("|"))
    german, english = (part.strip() for part in pair.split(" = "))
    *words, verb = german.split()
    pronouns = tuple(word for word in words if word in ("sich", "sich3"))
    middle = [word for word in words if word not in ("sich", "sich3")]
    objects, late = _split_middle(middle)
    bare = bool(middle) and (middle[0][0].isupper() or middle[0] in ("ein", "eine", "einen", "keine", "viel"))
    base, _, tail = english.partition(" ")
    return Activity(make_verb(verb), pronouns, objects, late, base, tail, flags + ("b" if bare else ""))


@cache
def spec(text: str) -> Spec:
    """A clause content "[modal][-]: German = English": modal verb and negation before the colon."""
    head, colon, rest = text.partition(":")
    if not colon:
        return Spec(activity(text))
    return Spec(activity(rest.strip()), head.rstrip("-"), head.endswith("-"))


def _lines(table: str) -> tuple[Activity, ...]:
    return tuple(activity(line) for line in table.strip().splitlines())


ACTIVITIES = _lines(ACTIVITY_TABLE)
TO_DO = _lines(TO_DO_TABLE)
GOALS = _lines(GOAL_TABLE)
FEELINGS = tuple(activity(entry.strip()) for entry in FEELING_TABLE.replace("\n", " ").split(";"))
