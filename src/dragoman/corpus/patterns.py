"""What marks text as not prose: data, one list a kind, German, English and language-neutral.

- HEAD phrases: what a page says to its visitor before its text begins. In the first characters of a document they
  drop it; in a page of many lines they cut their line.
- LINE phrases: what stands around an article (comment forms, subscriptions). They cut their line, and never drop.
- BLOCKED patterns: a literal and a regular expression. The expression is asked, without case, only where the
  lower-case text holds the literal, because a substring search is a hundred times as fast.

Phrases are plain text, compared case-folded. All are chosen so that prose about the same subject passes: a phrase is
what a page says, not what an article says about it.
"""

from __future__ import annotations

HEAD_PHRASES: tuple[str, ...] = (
    # German: ways around a menu
    "zum inhalt springen",
    "zum inhalt wechseln",
    "zum hauptinhalt springen",
    "springe auf hauptinhalt",
    "zur navigation springen",
    "direkt zum inhalt",
    "inhalt anspringen",
    # German: consent
    "website verwendet cookies",
    "website benutzt cookies",
    "website nutzt cookies",
    "webseite verwendet cookies",
    "webseite benutzt cookies",
    "webseite nutzt cookies",
    "seite verwendet cookies",
    "seite benutzt cookies",
    "wir verwenden cookies",
    "wir nutzen cookies",
    "wir setzen cookies",
    "dass wir cookies verwenden",
    "dass wir cookies setzen",
    "der verwendung von cookies zu",
    "cookies erleichtern die bereitstellung",
    "cookies erleichtern uns die",
    "cookies akzeptieren",
    "notwendige cookies",
    "cookie-einstellungen",
    "cookie-richtlinie",
    # German: scripts, browsers, errors, logins, shops
    "aktivieren sie javascript",
    "aktivieren sie bitte javascript",
    "javascript aktivieren",
    "javascript ist deaktiviert",
    "ihr browser unterstützt kein",
    "ihr browser ist veraltet",
    "einen veralteten browser",
    "zugriff verweigert",
    "alle rechte vorbehalten",
    "anmelden oder konto erstellen",
    "noch kein konto?",
    "passwort vergessen?",
    "sie müssen angemeldet sein",
    "abonnieren sie unseren newsletter",
    "newsletter abonnieren",
    "in den warenkorb",
    "deaktivieren sie ihren adblocker",
    "angaben gemäß § 5",
    # English: ways around a menu
    "skip to content",
    "skip to main content",
    "skip to navigation",
    "jump to navigation",
    "toggle navigation",
    # English: consent
    "website uses cookies",
    "site uses cookies",
    "we use cookies",
    "use of cookies",
    "accept all cookies",
    "accept cookies",
    "cookie settings",
    "cookie preferences",
    "cookies policy",
    "by continuing to use this site",
    "by continuing to browse",
    # English: scripts, browsers, errors, logins, shops
    "please enable javascript",
    "javascript is disabled",
    "enable javascript and cookies",
    "your browser does not support",
    "your browser is out of date",
    "best viewed in an up-to-date web browser",
    "403 forbidden",
    "access denied",
    "all rights reserved",
    "sign in to your account",
    "sign in to continue",
    "log in to continue",
    "forgot your password?",
    "subscribe to our newsletter",
    "sign up for our newsletter",
    "add to cart",
    "disable your ad blocker",
    "checking your browser before accessing",
    # any language: files that are no text
    "<!doctype html",
    "<html",
    "%pdf-1.",
)

LINE_PHRASES: tuple[str, ...] = (
    # German: comment forms, subscriptions, sharing
    "e-mail-adresse wird nicht veröffentlicht",
    "erforderliche felder sind",
    "deinen kommentar ein",
    "einen kommentar abzugeben",
    "bis ich wieder kommentiere",
    "für die nächste kommentierung",
    "wie deine kommentardaten verarbeitet werden",
    "neue beiträge per e-mail",
    "neue beiträge via e-mail",
    "kommentaren per e-mail",
    "kommentare via e-mail",
    "passwort wird ihnen per e",
    "beitrag nicht abgeschickt",
    "keine beiträge per e-mail teilen",
    "gefällt mir wird geladen",
    "liken lade",
    "auf wordpress.com",
    "abonnement zu bestätigen",
    "datenschutzerklärung gelesen",
    "akzeptieren sie die datenschutzerklärung",
    "inhalte zu entsperren",
    "newsletter anmelden",
    "newsletter-anmeldung",
    # English: comment forms, subscriptions, sharing
    "email address will not be",
    "e-mail address will not be",
    "required fields are marked",
    "click here to cancel reply",
    "before posting your comment",
    "your comment has not yet been posted",
    "your comment has been saved",
    "comments are moderated",
    "for the next time i comment",
    "notify me of follow-up comments",
    "notify me of new posts",
    "how your comment data is processed",
    "cannot share posts by email",
    "post was not sent",
    "follow any responses to this entry",
    "subscribing to the comment feed",
    "use these html tags",
    "letters and numbers you",
    "urls automatically linked",
    "having trouble reading this image",
    "sign in to comment",
    "enter a valid email address",
    "enter your email address",
    "check your inbox for a confirmation",
    "for your personal, non-commercial use only",
    "is not responsible for the content of external sites",
    "terms of use privacy policy",
    "powered by wordpress",
    "powered by blogger",
    # any language
    "copyright ©",
    "© 20",
)

BLOCKED: tuple[tuple[str, str], ...] = (
    # placeholder text, source text and markup
    ("lorem ipsum", r"lorem ipsum dolor"),
    ("function", r"\bfunction\s*\w*\([\w\s,]*\)\s*\{"),  # JavaScript
    ("document.", r"\bdocument\.(?:getElementById|write|cookie|createElement)\b"),  # JavaScript
    ("$(document)", r"\$\(document\)\.ready"),  # jQuery
    ("public ", r"(?:^|\n)\s*public (?:static |final )*(?:class|void|int|String) \w+"),  # Java, C#
    ("#include", r"(?:^|\n)\s*#include\s*[<\"]\w+"),  # C
    ("def ", r"(?:^|\n)\s*def \w+\(.*\)(?: -> .+)?:"),  # Python
    ("import ", r"(?:^|\n)\s*from \w[\w.]* import \w"),  # Python
    ("traceback", r"traceback \(most recent call last\)"),  # Python
    ("select ", r"\bselect\b[^.!?\n]{1,200}\bfrom\b[^.!?\n]{1,200}\bwhere\b[^.!?\n]{0,80}[=<>]"),  # SQL
    ("</", r"</(?:div|span|table|script|style|body|p|td|tr|ul|li|a)>"),  # HTML that was not taken apart
    ("{", r"[#.]?[\w-]+\s*\{\s*[\w-]+\s*:\s*[^;{}\n]{1,80};"),  # CSS
    ("{{", r"\{\{\s*[\w.|]+\s*\}\}"),  # template placeholders
    # errors that a server sent with the status of a page
    ("404", r"\b404\b.{0,20}(?:seite )?(?:nicht gefunden|(?:page )?not found)"),
    ("500", r"\b500\b.{0,20}internal server error"),
    # spam
    ("casino", r"online[- ]casino\b[^\n]{0,200}\b(?:bonus|free spins|freispiele|jackpot)"),
    (
        "viagra",
        r"\bviagra\b[^\n]{0,60}\b(?:ohne rezept|rezeptfrei|without (?:a )?prescription|cheap|günstig|buy|bestellen)",
    ),
    (
        "cialis",
        r"\bcialis\b[^\n]{0,60}\b(?:ohne rezept|rezeptfrei|without (?:a )?prescription|cheap|günstig|buy|bestellen)",
    ),
)
