"""IFEval: change_case, combination, detectable_content, language, length_constraints, startend."""

from __future__ import annotations

from tests.verifiers.cases import ifeval_a_reference, language_borders, language_rights
from tests.verifiers.cases.case import Case

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

CASES = (
    *ifeval_a_reference.CASES,
    *language_borders.CASES,
    *language_rights.CASES,
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
        "combination:repeat_prompt",
        {"prompt_to_repeat": 'Write "tea" in\ntwo words.'},
        passes=(
            ('Write "tea" in\ntwo words.\n\nHot tea', "repeated, then answered"),
            (' \nWrite "tea" in two words. Hot tea', "other white space"),
            ("Write “tea” in\u00a0two words. Hot tea", "curly quotation marks"),
            ('Write "tea" in two words.** Hot tea', "Markdown after it"),
            ('Write "tea" in two words.Hot', "no space after a mark"),
            ('Write "tea" in two words. 茶', "an answer in another script"),
        ),
        fails=(
            ('Write "tea" in\ntwo words.', "no answer"),
            ('Write "tea" in two words. ***', "no word in the answer"),
            ('Write "tea" in two words', "one mark short"),
            ('write "tea" in two words. Hot tea', "another case"),
            ('Write "coffee" in two words. Hot', "another word"),
            ('Sure! Write "tea" in two words. Hot tea', "words before"),
            ('"Write "tea" in two words." Hot tea', "a mark before"),
            ('Write "tea"', "the first half"),
            ("茶", "another language"),
        ),
    ),
    Case(
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Say “#5”, then #5"},
        passes=(('Say "#5", then #5. Tea', "a mark after a digit"),),
        fails=(('Say "#5", then #50 cups', "a digit after a digit"),),
    ),
    Case(
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Say tea"},
        passes=(("Say tea: tea", "a mark after it"), ("Say tea\ntea", "a line after it")),
        fails=(
            ("Say teas: more", "goes on in mid-word"),
            ("Say tea2 cups", "goes on with a digit"),
            ("Say", "half"),
            ("Say te a", "no"),
        ),
    ),
    Case(
        "combination:two_responses",
        {},
        passes=(
            ("Tea is hot and good. ****** Tea is hot and bad.", "the same beginning"),
            ("Tea is hot. ****** Tea is hot and bad.", "one is the beginning of the other"),
            ("Tea is hot.\n******\nTea is wet.", "two"),
            ("Tea is hot. ****** Tea is wet.", "in one line"),
            ("******\nTea is hot.\n******\nTea is wet.\n******", "separators at both ends"),
            ("茶\n\n******\n\n水", "Chinese"),
            ("**Tea**\n******\n**Water**", "bold text beside the separator"),
        ),
        fails=(
            ("Tea is hot.", "one"),
            ("Tea.\n******\nWater.\n******\nMilk.", "three"),
            ("Tea is hot.\n*****\nTea is wet.", "five asterisks"),
            ("Tea is hot.\n*******\nTea is wet.", "seven asterisks"),
            ("Tea is hot.\n******\nTea is hot.", "the same twice"),
            ("Tea is hot.\n******\ntea is hot!", "the same but for marks"),
            ("Tea is hot.\n******\n---\n******\nTea is wet.", "nothing in the middle"),
            ("******\n******", "nothing"),
            ("Tea.\n******\n", "one, and a separator"),
        ),
    ),
    Case(
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        passes=(
            ("Dear [name], I live in [address].", "2: the near side"),
            ("[имя] и [имя]", "Cyrillic, the same twice"),
            ("[Name](required) [[date]]", "no address after it; nested"),
            ("[X] years, [n] cups", "one letter"),
            ("[name] [see x]", "not a ticked box"),
            ('["a [name] ["b [date]', "brackets that nothing closes"),
            ("[name] [date] (https://tea.org)", "an address after a space"),
            ("- [name]\n* [date]", "in a list"),
            ("[x] [X]", "not in a list"),
        ),
        fails=(
            ("Dear [name]", "1: the far side"),
            ("[name] [] [ ] [1] [?]", "no letter"),
            ("- [x] tea\n* [X] milk\n+ [x] cup\n1. [x] pot\n[name]", "ticked boxes"),
            ("[name] [tea](https://tea.org) [b](http:x) [c](#a) [d](www.a.b)", "links"),
            ("[name] [e](/a) [f](./a) [g](mailto:a@b)", "links"),
            ('[name] ["a", "b"] [\'a\'] [ "a"]', "lists in code"),
            ("[name] [post\ncode]", "over two lines"),
            ("[name] [date", "not closed"),
            ("[1] tea] [name]", "a bracket that nothing opens"),
            ("[name] (date) {date} <date>", "other brackets"),
        ),
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        passes=(
            ("Tea is hot.\n\nP.S. It is wet.", "a line of its own"),
            ("tea is hot\np.s. it is wet", "small letters"),
            ("Tea is hot. P.S. It is wet.", "after a sentence"),
            ("Tea is hot.\n\n**P.S.** It is wet.", "in bold"),
            ("Tea is hot.\n\nP. S. It is wet.", "with a space"),
            ("Tea is hot.\n\n(P.S. It is wet.)", "in brackets"),
            ("Чай горячий.\n\nP.S. Мокрый.", "Cyrillic"),
            ("Tea is hot.\n\nP.S.\nIt is wet.\n\nBest,\nTom", "a signature after it"),
            ("Tea" + " hot" * 119 + ".\nP.S." + " wet" * 120, "120 words after 120"),
            ("Tea.\nP.S." + " wet" * 100, "100 words: the near side"),
            ("Tea.\nP.S. It is wet.\nP.S. And hot.", "two"),
            ("Tea.\nP.S. It is wet.\n\nHot.\n\nTom", "3 paragraphs from it on: the near side"),
            ("Tea.\rP.S. It is wet.", "another line end"),
            ("Tea\n– P.S. It is wet.", "after a dash"),
            ("“Tea ‘is hot’ P.S. It is wet.", "after a quotation"),
            ("Use soap. P.S. It is wet.", "after a word that ends with p"),
            ("(See p.) P.S. It is wet.", "after a bracket"),
            ("Tea is hot.P.S.It is wet. P.S.It is.", "no space after it"),
            ("Tea.\nP.S. It is wet, but see my P.S. above", "the last one begins nothing"),
            ("Tea.\nP.S. It is wet.\n####### Tea", "seven hashes are no heading"),
            ("Tea.\nP.S. It is wet, so use C# here.", "a hash in a line"),
            ("Tea!\tP.S. It is wet.", "after a tab"),
        ),
        fails=(
            ("Tea.\nP.S. Wet.\n\nHot.\n\nGreen.\n\nSweet.", "4 paragraphs: in the middle"),
            ("Tea is hot. It is wet.", "none"),
            ("Tea is hot.\n\nPS: It is wet.", "no full stops"),
            ("Tea is hot.\n\nP.S It is wet.", "one full stop short"),
            ("Tea is hot.\n\nP.S.", "nothing after it"),
            ("Tea is hot.\n\nP.S. ***", "no word after it"),
            ("P.S. Tea is hot.", "nothing before it"),
            ("*** P.S. Tea is hot.", "no word before it"),
            ("I add a P.S. to the tea.", "in mid-sentence"),
            ("Use Zip.s. for tea.", "in mid-word"),
            ("Use Zip.P.S. for tea.", "in mid-word, after a full stop"),
            ("Tea.\nP.P.S. It is wet.", "another marker"),
            ("Tea.\nP. P. S. It is wet.", "another marker, with spaces"),
            ("Tea.\nP.S." + " wet" * 101, "101 words: the far side"),
            ("Tea" + " hot" * 119 + ".\nP.S." + " wet" * 121, "121 words after 120"),
            ("Tea.\n\nP.S. It is wet.\n\n## Water\n\nWet.", "a heading after it"),
            ("Tea.\nP.S. It is wet.\n \t#\tWater", "a heading with other spaces"),
            ("Tea.\nP.S. It is wet.\n###### Water", "the lowest heading"),
            ("P. P.S. It is wet.", "another marker, at the start"),
        ),
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": " P.P.S "},
        passes=(
            ("Tea is hot.\n\nP.P.S It is wet.", "as asked for"),
            ("Tea is hot.\n\nP.P.S. It is wet.", "with one more full stop"),
            ("Tea is hot.\n\np. p. s: it is wet.", "with spaces and a colon"),
            ("Tea.\nP.P.S. It is wet. #tea", "a hashtag is no heading"),
        ),
        fails=(
            ("Tea is hot.\n\nP.S. It is wet.", "another marker"),
            ("Tea is hot.\n\nP.P.Suits us.", "a longer word"),
            ("Tea is hot.\n\nPxPxS It is wet.", "a full stop is no pattern"),
        ),
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
        "length_constraints:number_words",
        {"relation": "less than", "num_words": 4},
        passes=(
            ("Tea is hot.", "3: the near side"),
            ("Tea - is * hot", "marks alone do not count"),
            ("Чай горячий сейчас", "Cyrillic"),
        ),
        fails=(
            ("Tea is very hot.", "4: the far side"),
            ("Tea—hot and sweet", "a long dash separates"),
            ("Чай горячий и сладкий", "Cyrillic"),
        ),
    ),
    Case(
        "length_constraints:number_words",
        {"relation": "at least", "num_words": 4},
        passes=(("Tea is very hot.", "4: the near side"),),
        fails=(("Tea is hot.", "3: the far side"), ("* - ? ! … —", "marks are no words")),
    ),
    Case(
        "length_constraints:number_sentences",
        {"relation": "at least", "num_sentences": 3},
        passes=(
            ("Tea is hot. It is wet. Drink it!", "3: the near side"),
            ('"Tea is hot. It is wet. Drink it!"', "wrapped in quotation marks"),
            ("“Tea is hot. It is wet,” he said. She nodded.", "in a quotation"),
            ("He said, “It is hot. It is wet. Drink it.”", "a quotation at the end"),
            ("(Tea is hot. It is wet. Drink it!)", "in brackets"),
            ("Чай горячий. Он мокрый. Пей!", "Cyrillic"),
            ("茶很热。茶很湿。喝吧！", "Chinese"),
        ),
        fails=(
            ("Tea is hot. It is wet.", "2: the far side"),
            ('"Stop!" he said. "Why?" she asked.', "2, with quotations"),
            ("<<Tea is very hot>>\n\nTea is hot. It is wet.", "a title"),
            ("Dr. Smith (the tall one) drinks 3.5 cups. Ok (really).", "abbreviations, brackets"),
            ("**<<Tea is a very hot drink>>**\n\nTea is hot. It is wet.", "a title in bold"),
            ('A 5" pipe is here. A "big" one is there.', "an inch"),
        ),
    ),
    Case(
        "length_constraints:number_sentences",
        {"relation": "less than", "num_sentences": 3},
        passes=(
            ("Tea is hot. It is wet.", "2: the near side"),
            ("1. Tea.\n2. Milk.", "a list"),
            ("“Stop!” he said. “Why?” she asked.", "2, with curly quotations"),
            ("“" * 150_000 + "Tea is hot. It is wet.", "marks that nothing closes"),
        ),
        fails=(
            ("Tea is hot. It is wet. Drink it.", "3: the far side"),
            ('"Tea is hot! It is wet," he said. Drink it.', "an exclamation in a quotation"),
            ('"Is it hot? It is wet," he said. Drink it.', "a question in a quotation"),
            ('(It is "hot". It is wet.) Drink it.', "a quotation in brackets"),
        ),
    ),
    Case(
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        passes=(
            ("Tea is hot.\n***\nTea is wet.", "2"),
            ("Tea is hot.\n\n***\n\nTea.\n\nIs wet.", "blank lines separate nothing"),
            ("Tea is hot. *** Tea is wet.", "in one line"),
            ("***\nTea is hot.\n***\nTea is wet.\n***", "dividers at both ends"),
            ("Tea is hot.\n\\*\\*\\*\nTea is wet.", "escaped"),
            ("茶\n***\n水", "Chinese"),
            ("Tea is ***very*** hot.\n***\nTea is wet.", "bold italics"),
        ),
        fails=(
            ("Tea is hot.", "1: one too few"),
            ("Tea.\n***\nMilk.\n***\nWater.", "3: one too many"),
            ("Tea is hot.\n\nTea is wet.", "blank lines only"),
            ("Tea.\n****\nMilk.", "four asterisks"),
            ("Tea.\n**\nMilk.", "two asterisks"),
            ("Tea is ***hot*** tea", "bold italics"),
            ("Tea***Milk", "no space around"),
            ("Tea.\n***\n---\n***\nMilk.", "nothing in the middle"),
            ("Tea.\n---\nMilk.", "another rule"),
            ("***\n***", "nothing"),
        ),
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Tea"},
        passes=(
            ("Milk.\n\nTea is hot.", "the second of two"),
            ("\n\n Milk.\n \n\n\n**tea:** it is hot.", "more blanks, bold, small letters"),
            ("Milk.\n\n---\n\n“Tea” is hot.", "a rule is no paragraph; in quotation marks"),
            ("Milk\nand tea.\n\n## Tea", "a line break separates nothing; a heading"),
        ),
        fails=(
            ("Tea is hot.", "1: one too few"),
            ("Tea.\n\nTea.\n\nTea.", "3: one too many"),
            ("Tea is hot.\n\nMilk.", "begins the first"),
            ("Milk.\n\nTeas are hot.", "a longer word"),
            ("Milk.\n\nTea's hot.", "another word"),
            ("Milk.\n\nHot tea.", "the second word"),
            ("Milk.\nTea is hot.", "one line break"),
            ("茶\n\n水", "another language"),
        ),
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "hot tea"},
        passes=(("Hot tea is good.", "two words"),),
        fails=(("Hot milk is good.", "the first of them"), ("Hot", "shorter")),
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 1, "nth_paragraph": 2, "first_word": "tea"},
        passes=(),
        fails=(("Tea is hot.", "no second paragraph"), ("Milk.\n\nTea.", "one too many")),
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 3, "nth_paragraph": 1, "first_word": "tea"},
        passes=(("Tea.\n\nMilk.\n\nWater.", "the first of three"),),
        fails=(("Tea.\n\nMilk.", "2: one too few"), ("Tea.", "1: two too few")),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "Enjoy your tea!"},
        passes=(
            ("It is hot. Enjoy your tea!", "at the end"),
            ("Enjoy your tea!", "alone"),
            ("It is hot. **Enjoy your tea!**\n", "emphasis and a line end after it"),
            ("“It is hot. Enjoy your tea!”", "in quotation marks"),
            ("'It is hot. Enjoy your tea!’_\r\t\"", "other marks after it"),
            ("It is hot. Enjoy your tea! *", "a space before a mark"),
        ),
        fails=(
            ("It is hot. Enjoy your tea", "one mark short"),
            ("It is hot. enjoy your tea!", "another case"),
            ("Enjoy your tea! It is hot.", "not at the end"),
            ("It is hot. Enjoy your tea!!", "one mark too many"),
            ("приятного чая!", "another language"),
        ),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": ' "tea’\n'},
        passes=(("I like tea", "a word"), ("(tea", "after a mark"), ("tea", "alone")),
        fails=(("steatea", "in mid-word"), ("3tea", "in mid-word")),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "481-4867"},
        passes=(("Call me at 481-4867", "a number"),),
        fails=(("Call me at 9481-4867", "the end of a longer number"),),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "…tea"},
        passes=(("hot…tea", "a mark begins the phrase"),),
        fails=(("hot tea", "the mark is missing"),),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "***"},
        passes=(),
        fails=(("Tea. ***", "a phrase of nothing but marks is never found"),),
    ),
    Case(
        "startend:quotation",
        {},
        passes=(
            ('"Tea is hot."', "straight"),
            ("\n “Tea is hot.” ", "curly"),
            ('"茶"', "one Chinese character"),
            ('"He said "tea" and "water" to me."', "quotations inside"),
            ("“He said “tea” to me.”", "curly quotations inside"),
            ('"A 27" screen, and ("tea")."', "inches and brackets"),
            ('"\\"Tea\\" is hot."', "escaped"),
            ('"""Tea" is hot""', "quotations at the ends"),
            ('"don"t"', "a mark in mid-word"),
            ('"5"5"', "a mark between digits"),
            ('"He said -"tea" to me -"now"."', "a quotation after a hyphen"),
            ('"Tea “is hot.”"', "curly marks in straight ones"),
            ('"It is 5" and “tea” is 6" long."', "inches and a quotation"),
            ('"Para one.\n\n"Para two."', "opened again with each paragraph"),
        ),
        fails=(
            ('"Tea is hot.', "not closed"),
            ('Tea is hot."', "not opened"),
            ("'Tea is hot.'", "single"),
            ('"Tea" and "water"', "two quotations"),
            ("“Tea” and “water”", "two curly quotations"),
            ("“Tea”and water”", "closed by a curly mark before a letter"),
            ('"He had "5" cups" and "tea"', "closed early, after a digit in a quotation"),
            ('"Tea "hot" is" wet"', "closed after an inner quotation"),
            ('"Tea" a"', "closed one letter before the end"),
            ('"Tea," he said. "Hot."', "closed early"),
            ('"Tea (hot" and "wet)"', "closed before a space"),
            ('""', "nothing between"),
            ('" "', "blank between"),
            ('"""', "only marks"),
            ("「茶」", "marks of another script"),
        ),
    ),
)
