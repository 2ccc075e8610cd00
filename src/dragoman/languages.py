"""Languages by their ISO 639-1 code: what a recipe may name, what to call it in English, how data sets spell it."""

from __future__ import annotations

import difflib

_TABLE = """
aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese|av Avaric|ay Aymara
az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara|bn Bengali|bo Tibetan|br Breton|bs Bosnian
ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree|cs Czech|cu Church Slavonic|cv Chuvash|cy Welsh|da Danish
de German|dv Divehi|dz Dzongkha|ee Ewe|el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian
ff Fulah|fi Finnish|fj Fijian|fo Faroese|fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician
gn Guarani|gu Gujarati|gv Manx|ha Hausa|he Hebrew|hi Hindi|ho Hiri Motu|hr Croatian|ht Haitian Creole|hu Hungarian
hy Armenian|hz Herero|ia Interlingua|id Indonesian|ie Interlingue|ig Igbo|ii Sichuan Yi|ik Inupiaq|io Ido|is Icelandic
it Italian|iu Inuktitut|ja Japanese|jv Javanese|ka Georgian|kg Kongo|ki Kikuyu|kj Kuanyama|kk Kazakh|kl Greenlandic
km Khmer|kn Kannada|ko Korean|kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish
lg Ganda|li Limburgish|ln Lingala|lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian|mg Malagasy|mh Marshallese|mi Maori
mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|na Nauru|nb Norwegian Bokmål
nd North Ndebele|ne Nepali|ng Ndonga|nl Dutch|nn Norwegian Nynorsk|no Norwegian|nr South Ndebele|nv Navajo|ny Chichewa
oc Occitan|oj Ojibwa|om Oromo|or Odia|os Ossetian|pa Punjabi|pi Pali|pl Polish|ps Pashto|pt Portuguese|qu Quechua
rm Romansh|rn Rundi|ro Romanian|ru Russian|rw Kinyarwanda|sa Sanskrit|sc Sardinian|sd Sindhi|se Northern Sami|sg Sango
si Sinhala|sk Slovak|sl Slovenian|sm Samoan|sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho
su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog|tn Tswana
to Tonga|tr Turkish|ts Tsonga|tt Tatar|tw Twi|ty Tahitian|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda|vi Vietnamese
vo Volapük|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba|za Zhuang|zh Chinese|zu Zulu
"""

LANGUAGES: dict[str, str] = {
    code: name for code, _, name in (entry.partition(" ") for entry in _TABLE.replace("\n", "|").split("|") if entry)
}

# ISO 639-2 and 639-3 codes, with the individual languages that data sets name where 639-1 has the whole
# (`arb` Standard Arabic, `cmn` Mandarin). `als` is left out: Albanian in ISO, Alemannic in Wikipedia.
_LONG = """
aa aar|ab abk|ae ave|af afr|ak aka|am amh|an arg|ar ara arb|as asm|av ava|ay aym ayr|az aze azj|ba bak|be bel|bg bul
bi bis|bm bam|bn ben|bo bod tib|br bre|bs bos|ca cat|ce che|ch cha|co cos|cr cre|cs ces cze|cu chu|cv chv|cy cym wel
da dan|de deu ger|dv div|dz dzo|ee ewe|el ell gre|en eng|eo epo|es spa|et ekk est|eu baq eus|fa fas per pes prs
ff ful fuv|fi fin|fj fij|fo fao|fr fra fre|fy fry|ga gle|gd gla|gl glg|gn grn|gu guj|gv glv|ha hau|he heb|hi hin
ho hmo|hr hrv|ht hat|hu hun|hy arm hye|hz her|ia ina|id ind|ie ile|ig ibo|ii iii|ik ipk|io ido|is ice isl|it ita
iu iku|ja jpn|jv jav|ka geo kat|kg kon|ki kik|kj kua|kk kaz|kl kal|km khm|kn kan|ko kor|kr kau|ks kas|ku kmr kur
kv kom|kw cor|ky kir|la lat|lb ltz|lg lug|li lim|ln lin|lo lao|lt lit|lu lub|lv lav lvs|mg mlg plt|mh mah|mi mao mri
mk mac mkd|ml mal|mn khk mon|mr mar|ms may msa zsm|mt mlt|my bur mya|na nau|nb nob|nd nde|ne nep npi|ng ndo|nl dut nld
nn nno|no nor|nr nbl|nv nav|ny nya|oc oci|oj oji|om gaz orm|or ori ory|os oss|pa pan|pi pli|pl pol|ps pbt pus|pt por
qu que quy|rm roh|rn run|ro ron rum|ru rus|rw kin|sa san|sc srd|sd snd|se sme|sg sag|si sin|sk slk slo|sl slv|sm smo
sn sna|so som|sq alb sqi|sr srp|ss ssw|st sot|su sun|sv swe|sw swa swh|ta tam|te tel|tg tgk|th tha|ti tir|tk tuk
tl fil tgl|tn tsn|to ton|tr tur|ts tso|tt tat|tw twi|ty tah|ug uig|uk ukr|ur urd|uz uzb uzn|ve ven|vi vie|vo vol
wa wln|wo wol|xh xho|yi ydd yid|yo yor|za zha|zh chi cmn zho|zu zul
"""

_SHORT: dict[str, str] = {
    code: short for short, *codes in map(str.split, _LONG.strip().replace("\n", "|").split("|")) for code in codes
}


def language_code(name: str) -> str | None:
    """`de` for `de`, `de-AT`, `DE`, `deu`, `ger`, `deu_Latn` and `German`; None for what is no language known here."""
    lower = name.strip().lower()
    first = lower.replace("_", "-").split("-")[0]
    if first in LANGUAGES:
        return first
    return _SHORT.get(first) or next((code for code, english in LANGUAGES.items() if english.lower() == lower), None)


def nearest_language(name: str) -> str:
    """`did you mean 'de' (German)?` for `german`, `ger` or `DE`; else what a code looks like."""
    lower = name.strip().lower()
    by_name = {english.lower(): code for code, english in LANGUAGES.items()}
    prefix = lower.replace("_", "-").split("-")[0]
    if prefix in LANGUAGES:
        code: str | None = prefix
    else:
        close = difflib.get_close_matches(lower, by_name, n=1, cutoff=0.75)
        starts = sorted(english for english in by_name if len(lower) > 2 and english.startswith(lower))
        code = by_name[close[0]] if close else by_name[starts[0]] if starts else None
    return f"did you mean '{code}' ({LANGUAGES[code]})?" if code else "give an ISO 639-1 code such as de, en or fr"
