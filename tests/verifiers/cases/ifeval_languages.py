"""IFEval: change_case and language, both readings."""

from __future__ import annotations

from tests.verifiers.cases.case import Case
from tests.verifiers.cases.nltk_samples import CAPITALS, exactly

GERMAN = (
    "Der Zug hatte heute Morgen wieder Verspätung, also bin ich zu Fuß ins Büro gegangen. "
    "Unterwegs traf ich eine alte Freundin. Wir sprachen über das Wetter und das Essen."
)
HINDI = (
    "आज सुबह ट्रेन फिर देर से आई, इसलिए मैं पैदल दफ़्तर गया। रास्ते में मुझे एक पुरानी दोस्त मिली जो "
    "अभी लंबी यात्रा से लौटी थी। हमने मौसम और खाने के बारे में बात की।"
)
NEPALI = (
    "आज बिहान रेल फेरि ढिलो आयो, त्यसैले म हिँडेर कार्यालय गएँ। बाटोमा मैले एक पुरानो साथी भेटें जो "
    "भर्खरै लामो यात्राबाट फर्केकी थिइन्। हामीले मौसम र खानाको बारेमा कुरा गर्यौं।"
)
RUSSIAN = (
    "Сегодня утром поезд снова опоздал, поэтому я пошёл в офис пешком. По дороге я встретил "
    "старую подругу. Мы говорили о погоде и еде."
)
BULGARIAN = (
    "Тази сутрин влакът отново закъсня, затова отидох до офиса пеша. По пътя срещнах стара "
    "приятелка. Говорихме за времето и храната."
)
JAPANESE = "今朝も電車が遅れたので、歩いて会社に行きました。途中で、古い友人に会いました。"
CHINESE = "今天早上火车又晚点了，所以我走路去了办公室。路上我遇到了一位老朋友。我们聊了天气和食物。"
KOREAN = "오늘 아침에 기차가 또 늦어서 사무실까지 걸어갔습니다. 가는 길에 오랜 친구를 만났습니다."
ENGLISH = (
    "The train was late again this morning, so I walked to the office instead. On the way I met "
    "an old friend who had just come back from a long journey."
)
FRENCH = (
    "le train était encore en retard ce matin, alors je suis allé au bureau à pied. en chemin, "
    "j'ai rencontré une vieille amie qui venait de rentrer d'un long voyage."
)
LEAD_IN = "Sure, here is the text that you asked for:"
NOTE = "(Note: this is only a translation and may not be exactly what you had in mind.)"
FRENCH_SMALL = (
    "le train était encore en retard ce matin, alors je suis allé au bureau à pied. nous avons "
    "parlé du temps et de la nourriture."
)
ENGLISH_SMALL = (
    "the train was late again this morning, so i walked to the office instead. we talked about "
    "the weather, the food and the people."
)

CASES = (
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        passes=(
            ("TEA is HOT.", "2: the near side"),
            ("**TEA** and (TCP/IP), NASA's X-RAY", "marks around, inside and after"),
            ("ЧАЙ и ВОДА", "Cyrillic"),
            ("TEA's and NASA’s", "both kinds of apostrophe"),
            ("OK UK", "two letters"),
            ("AND//OR NO:/YES", "marks of an address, and no address"),
            ("A/B TEA—HOT", "two letters with a mark between them, two words at a dash"),
        ),
        fails=(
            ("TEA is hot.", "1: the far side"),
            ("I drink A cup. I do.", "single letters"),
            ("TEAs are HOT", "one small letter"),
            ("HTTP://TEA.ORG and TEA", "an address"),
            ("2024 100% TEA", "digits are no capitals"),
            ("TEA'sY and MILK", "an apostrophe in mid-word"),
            ("A1 B2 TEA", "one letter and a digit"),
            ("茶茶 水水 TEA", "a script without case"),
        ),
    ),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "less than", "capital_frequency": 2},
        passes=(("TEA is hot.", "1: the near side"), ("Tea is hot.", "none")),
        fails=(("TEA is HOT.", "2: the far side"), ("WELL-KNOWN DON'T", "with marks inside")),
    ),
    *exactly(
        "change_case:capital_word_frequency", "capital_relation", "capital_frequency", CAPITALS
    ),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        passes=(
            ("TEA is HOT.", "2: the near side"),
            ("I drink A cup", "single letters"),
            ("I'M here", "a word and its ending"),
            ("You CANNOT", "two words in one"),
            ("Don't! IT'S.", "an ending before the end of a sentence"),
            ("IT'S. HE is", "an ending before the end of another sentence"),
            ("DON'T", "a negation"),
            ("WE'LL", "another ending"),
            ("ЧАЙ и ВОДА", "Cyrillic"),
            ("TEA,MILK", "cut at a comma"),
            ("TEA--MILK", "cut at two hyphens"),
            ("TEA…MILK (TEA)", "a bracket"),
            ("TEA..MILK", "cut at two full stops"),
            ("TEA'MILK' 'TEA", "cut before a quotation"),
            ("TEA-'MILK", "cut at an opening quotation"),
            ("GIMME", "two words in one"),
            ("WANNA go", "two words in one before a space"),
            ("MORE'N that", "two words in one"),
            ("D'YE", "two words in one"),
            ("X-CANNOT", "cut before two words in one"),
            ("CANNOT'TIS", "a rare ending"),
            ("“TEA”MILK", "cut at quotation marks"),
            ("'TEA'S' MILK", "an ending before a quotation mark"),
            ("IT'S!", "an ending before a mark"),
            ("a 'TEA' 'MILK'", "single quotation marks"),
            ("TEA 'S", "an ending by itself"),
            ("``TEA``MILK", "backticks"),
            ("TEA''MILK", "two apostrophes"),
            ("WANNA.", "a full stop that ends the text"),
        ),
        fails=(
            ("TEA is hot.", "1: the far side"),
            ("TEA-MILK well-known", "hyphens keep together"),
            ("TEAs and Milk", "a small letter"),
            ("N.A.S.A. is", "full stops keep together"),
            ("A,5", "a comma before a digit keeps together"),
            ("A:5'5", "an apostrophe keeps together"),
            ("canNOT", "half of two words in one"),
            ("IT'SX x", "no ending in mid-word"),
            ("X'S'\nx", "an ending before a quotation mark and a line end"),
            ("IT'S.A x", "an ending before a full stop in mid-word"),
            ("WANNA.X a", "the same without an apostrophe"),
            ("it's tea", "small letters"),
            ("I 'm", "a small ending"),
        ),
        reading="reference",
    ),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "less than", "capital_frequency": 1},
        passes=(("Tea is hot.", "none"), ("tea", "none")),
        fails=(("I am.", "1"), ("TEA IS HOT", "3")),
        reading="reference",
    ),
    Case(
        "change_case:english_capital",
        {},
        passes=(
            ("TEA IS HOT, 3 CUPS.", "capitals"),
            ("TEA", "too short to tell the language"),
            (ENGLISH.upper(), "long enough to tell"),
            ("LE THÉ EST CHAUD", "short: the case decides"),
            ("# TEA\n\n**HOT** TEA 茶", "Markdown and a word of another script"),
        ),
        fails=(
            ("TEA IS HOt.", "one small letter"),
            ("TEA ǅ", "a title-case letter"),
            ("123 ?!", "no letter at all"),
            ("热茶", "a script without case"),
            ("ЧАЙ ГОРЯЧИЙ", "another script, however short"),
            (FRENCH.upper(), "another language"),
        ),
    ),
    Case(
        "change_case:english_capital",
        {},
        passes=((ENGLISH_SMALL.upper(), "English in capitals"),),
        fails=(
            (ENGLISH_SMALL.upper() + "a", "a small letter"),
            ("123", "no letter"),
            ("ЧАЙ ГОРЯЧИЙ И СЛАДКИЙ, КАК ВСЕГДА", "Russian"),
            ("FAREINSIGHTS", "langdetect knows no English in it"),
        ),
        reading="reference",
    ),
    Case(
        "change_case:english_lowercase",
        {},
        passes=(
            ("tea is hot, 3 cups.", "small letters"),
            ("é", "accents"),
            (ENGLISH.lower(), "long enough to tell"),
            ("le thé est chaud, et moi aussi", "short: the case decides"),
            ("<<tea>>\n* tea\n* 茶", "Markdown and a word of another script"),
        ),
        fails=(
            ("tea is Hot.", "one capital"),
            ("Чай", "a Cyrillic capital"),
            ("чай", "another script, however short"),
            ("ǅ", "a title-case letter"),
            ("tea ǅ", "a title-case letter"),
            ("123 ?!", "no letter at all"),
            ("热茶", "a script without case"),
            (FRENCH, "another language"),
        ),
    ),
    Case(
        "change_case:english_lowercase",
        {},
        passes=((ENGLISH_SMALL, "English in small letters"),),
        fails=(
            (ENGLISH_SMALL + "A", "a capital"),
            ("123", "no letter"),
            (FRENCH_SMALL, "French"),
            ('"coastal haven estates"', "langdetect knows no English in it"),
        ),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "de"},
        passes=(
            (GERMAN, "German"),
            ("Der Tee ist heiß.", "short"),
            (GERMAN + " Ich las „Hamlet“ und sagte okay.", "a name and a word"),
            (GERMAN + "\n```\nfor each in range(10): print(each) and go on with it\n```", "code"),
            (GERMAN + "\nhttps://example.org/this-is-an-english-page-about-tea", "an address"),
            (GERMAN + "\n[Your Company Name]\n[Your Contact Information]", "placeholders"),
            (GERMAN.upper(), "capitals"),
            (f"```\n{GERMAN}\n```", "all of it in a code block"),
            (GERMAN + " `print each of the lines`", "code in a line"),
            (GERMAN + "\nwww.example.org/this-is-an-english-page-about-tea", "an address"),
        ),
        fails=(
            (ENGLISH, "English"),
            ("Tea is hot.", "short English"),
            ("12345 !?", "no letters"),
            (f"{LEAD_IN}\n\n{GERMAN}", "a lead-in in English"),
            (f"{GERMAN}\n\n{NOTE}", "a note in English"),
            (f"{GERMAN} {ENGLISH}", "half English"),
            (f"{GERMAN} {FRENCH}", "half French"),
            (RUSSIAN, "Russian"),
            (GERMAN + RUSSIAN[:60], "some Russian"),
        ),
    ),
    Case(
        "language:response_language",
        {"language": "hi"},
        passes=(
            (HINDI, "Hindi"),
            ("चाय गर्म है", "short"),
            (HINDI + " SRE और Site Reliability Engineering का indicator अच्छा है।", "names, a word"),
            (HINDI + ' "The Secrets of Homeschooling: Revealed!" अच्छी किताब है।', "a title"),
        ),
        fails=(
            (NEPALI, "Nepali, in the same script"),
            (f"{LEAD_IN}\n\n{HINDI}", "a lead-in in English"),
            (f"{HINDI}\n\n{NOTE}", "a note in English"),
            ("aaj subah train phir der se aayi, isliye main paidal daftar gaya", "Latin letters"),
            (RUSSIAN, "Russian"),
            ("यह है only four english words यह है", "a run of four"),
            ("यह है - only 5 (four) english - words यह है", "with marks and digits between"),
            (HINDI + RUSSIAN[:90], "some Russian"),
        ),
    ),
    Case(
        "language:response_language",
        {"language": "bg"},
        passes=((BULGARIAN, "Bulgarian"), ("Чаят е горещ.", "short")),
        fails=((RUSSIAN, "Russian, in the same script"), (f"{BULGARIAN} {ENGLISH}", "half")),
    ),
    Case(
        "language:response_language",
        {"language": "zh"},
        passes=((CHINESE, "Chinese"), ("茶很热", "short"), (CHINESE + "OK!", "a word")),
        fails=((JAPANESE, "Japanese"), (KOREAN, "Korean"), (f"{CHINESE}\n{LEAD_IN}", "English")),
    ),
    Case(
        "language:response_language",
        {"language": "ja"},
        passes=((JAPANESE, "Japanese"), ("東京都", "short, without kana")),
        fails=((CHINESE, "Chinese"), (KOREAN, "Korean")),
    ),
    Case(
        "language:response_language",
        {"language": "ko"},
        passes=((KOREAN, "Korean"), (KOREAN + " SRE의 objective", "English words")),
        fails=((CHINESE, "Chinese"), (f"{KOREAN}\n\n{NOTE}", "a note in English")),
    ),
    Case(
        "language:response_language",
        {"language": "en"},
        passes=((ENGLISH, "English"), ("Tea.", "one word")),
        fails=((GERMAN, "German"), (f"{ENGLISH}\n\n{GERMAN}\n\n{GERMAN}", "more German")),
    ),
    Case(
        "language:response_language",
        {"language": "hr"},
        passes=(
            ("Danas je lijep dan i mi idemo u školu zajedno s našim starim prijateljima.", "alike"),
        ),
        fails=((GERMAN, "German"),),
    ),
    Case(
        "language:response_language",
        {"language": "fr"},
        passes=(
            (FRENCH_SMALL, "French"),
            ("12345", "nothing to go by"),
            (FRENCH_SMALL + " It is tea.", "more"),
        ),
        fails=((ENGLISH_SMALL, "English"),),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "zh"},
        passes=(("123", "nothing to go by"),),
        fails=(("今天早上火车又晚点了，所以我走路去了办公室。", "langdetect says zh-cn"),),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "zh-cn"},
        passes=(("今天早上火车又晚点了，所以我走路去了办公室。", "langdetect says zh-cn"),),
        fails=((ENGLISH_SMALL, "English"),),
        reading="reference",
    ),
)
